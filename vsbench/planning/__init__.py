"""Plans of runs and tournaments: settings become a manifest, and a manifest becomes units."""
