"""Protocols: what makes two numbers comparable.

A protocol is a frozen definition of a measurement, one JSON file each: games, episodes, seats and
bots, how models are asked, data sets, prompts, anchors. :func:`protocol` opens one by its name, and
:func:`conformity` says in what a run's manifest differs from what its protocol derives.
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
