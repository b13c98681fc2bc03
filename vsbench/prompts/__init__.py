"""Prompt packs: templates that turn a question into the messages for a model.

:class:`PromptPack` renders known packs and the user's own in this process.
:class:`ConfinedPack` renders untrusted ones in a process with limits. :func:`open_recorded`
chooses between them for the copy of a pack in a run directory.
"""

from vsbench.prompts.confined import ConfinedPack, WorkerLimits, is_known, open_recorded
from vsbench.prompts.pack import PromptPack, fingerprint
from vsbench.prompts.rendering import PromptError, UntrustedPackError

__all__ = [
    "ConfinedPack",
    "PromptError",
    "PromptPack",
    "UntrustedPackError",
    "WorkerLimits",
    "fingerprint",
    "is_known",
    "open_recorded",
]
