"""The three evaluations: each consists of units of work, and each unit writes one journal."""
