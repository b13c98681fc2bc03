"""Prompt packs: templates and a question make the messages that a model gets.

:class:`PromptPack` renders packs that are known or the user's own, in this process.
:class:`ConfinedPack` renders those of strangers, in a process with limits. :func:`open_recorded`
chooses between them for the copy of a pack that a run directory holds.
"""

from vsbench.prompts.confined import ConfinedPack, Limits
from vsbench.prompts.errors import PromptError, UntrustedPackError
from vsbench.prompts.files import fingerprint
from vsbench.prompts.pack import PromptPack
from vsbench.prompts.recorded import is_known, open_recorded

__all__ = [
    "ConfinedPack",
    "Limits",
    "PromptError",
    "PromptPack",
    "UntrustedPackError",
    "fingerprint",
    "is_known",
    "open_recorded",
]
