"""The figures that the VS-Bench paper publishes, as data, and which of them a run stands beside."""
