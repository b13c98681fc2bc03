"""Reports of runs: progress, tables of results, estimates, comparisons with the paper."""
