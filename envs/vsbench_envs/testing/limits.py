"""Limits that every game keeps: what run records, readers of answers and models can take."""

from __future__ import annotations

ID_LENGTH = 100
"""Characters of a game's id, which names folders and prompt templates."""

SEATS = 16
STEPS = 100_000
"""Joint moves of an episode."""

EVENTS = 100
"""Kinds of counted behaviour."""

LABEL = 32
"""Characters of an action's label: models write it out, and tables show it."""

NAME = 400
"""Characters of an element's name or value: answers with longer ones are not read."""

LONGEST_SIDE = 768
"""Pixels of a picture's longer side: several models shrink larger ones."""

PICTURE_BYTES = 40_000
"""Of a picture as PNG: each of a run's questions sends its pictures again."""
