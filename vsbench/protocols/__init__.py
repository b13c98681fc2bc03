"""Protocols: frozen definitions of a measurement, which make figures comparable.

A protocol is a JSON file that fixes games, episodes, seats and bots, model settings, data sets,
prompts and anchors. :func:`protocol` opens one by its name, :func:`conformity` compares a run's
manifest with what its protocol defines, and :func:`setting_differences` compares two runs.
"""

from vsbench.protocols.comparability import (
    comparable,
    comparable_groups,
    setting_differences,
    settings_in_words,
)
from vsbench.protocols.conformity import (
    Difference,
    conformity,
    conforms,
    in_words,
    standing_of,
    track_of,
)
from vsbench.protocols.protocol import (
    DEFAULT,
    MODEL,
    Protocol,
    ProtocolGame,
    identify,
    protocol,
    protocol_names,
    resolve_model_settings,
)

__all__ = [
    "DEFAULT",
    "MODEL",
    "Difference",
    "Protocol",
    "ProtocolGame",
    "comparable",
    "comparable_groups",
    "conformity",
    "conforms",
    "identify",
    "in_words",
    "protocol",
    "protocol_names",
    "resolve_model_settings",
    "setting_differences",
    "settings_in_words",
    "standing_of",
    "track_of",
]
