"""Reading answers: what a model's reply declares, and nothing else. See ``docs/ANSWERS.md``."""
