"""Prompt packs as data: Jinja2 templates, ``<environment>/<version>/<name>.j2``.

``_shared`` lays prompts out, ``_personas`` holds characters, and each environment adds its rules.
A released template never changes; ``released.json`` holds its hash. ``vsbench.prompts`` renders
them.
"""

from importlib.resources import files
from pathlib import Path

VERSION = "v1"
"""The version that new runs use."""


def root() -> Path:
    """The folder with the templates."""
    return Path(str(files(__name__)))
