"""Who sits in a seat: models that are prompted, and bots."""
