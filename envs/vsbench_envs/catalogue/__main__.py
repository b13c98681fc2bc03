"""Write the catalogue into a folder: ``python -m vsbench_envs.catalogue envs``."""

import sys
from pathlib import Path

from vsbench_envs.catalogue import write

write(Path(sys.argv[1]))
