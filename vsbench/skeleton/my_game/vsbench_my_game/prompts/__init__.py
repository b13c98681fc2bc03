"""The prompts of the game, as templates."""
