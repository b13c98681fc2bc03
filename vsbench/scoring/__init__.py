"""From journals to figures: counts, normalised returns and their intervals."""
