"""``python -m vsbench``."""

from vsbench.cli import main

main()
