"""The schemas of everything that a run writes. Others rely on them: see ``docs/RUN_FORMAT.md``."""
