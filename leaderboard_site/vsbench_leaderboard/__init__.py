"""The public leaderboard: submissions verified by replay, and a site to browse them."""
