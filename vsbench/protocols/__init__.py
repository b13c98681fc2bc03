"""Protocols: frozen definitions of a measurement, which make figures comparable.

A protocol is a JSON file that fixes games, episodes, seats and bots, model settings, data sets,
prompts and anchors. :func:`protocol` opens one by its name, and :func:`conformity` compares a run's
manifest with what its protocol defines.
"""

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
    "conformity",
    "conforms",
    "identify",
    "in_words",
    "protocol",
    "protocol_names",
    "resolve_model_settings",
    "standing_of",
    "track_of",
]
