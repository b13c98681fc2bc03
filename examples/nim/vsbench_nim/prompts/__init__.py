"""The prompts of Nim, as templates."""
