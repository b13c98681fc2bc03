"""Limits that every game keeps: what run records, readers of answers and models can take."""

from __future__ import annotations

MAX_ID_LENGTH = 100
"""Characters of a game's id, which names folders and prompt templates."""

MAX_SEATS = 16
MAX_STEPS = 100_000
"""Joint moves of an episode."""

MAX_EVENTS = 100
"""Kinds of counted behaviour."""

MAX_LABEL = 32
"""Characters of an action's label: models write it out, and tables show it."""

MAX_NAME = 400
"""Characters of an element's name or value: answers with longer ones are not read."""

MAX_SIDE = 768
"""Pixels of a picture's longer side: several models shrink larger ones."""

MAX_PICTURE_BYTES = 40_000
"""Of a picture as PNG: each of a run's questions sends its pictures again."""
