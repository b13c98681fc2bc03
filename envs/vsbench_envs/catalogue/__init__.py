"""What there is to say about a game, in Markdown and taken from the game itself.

``vsbench envs NAME`` shows it. ``python -m vsbench_envs.catalogue envs`` writes ``envs/README.md``
and a picture of each game beside it.
"""

from vsbench_envs.catalogue.ends import anchor_columns, anchor_rows
from vsbench_envs.catalogue.facts import INDEX, index_row
from vsbench_envs.catalogue.page import PAGE, PICTURES, entry, page, picture, write

__all__ = [
    "INDEX",
    "PAGE",
    "PICTURES",
    "anchor_columns",
    "anchor_rows",
    "entry",
    "index_row",
    "page",
    "picture",
    "write",
]
