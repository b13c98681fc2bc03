"""Players: models that are prompted, and the ids of models and bots."""
