"""How a run stands to its protocol, as results and replays say it."""

from __future__ import annotations

from vsbench.protocols.conformity import conformity, in_words
from vsbench.records.manifest import Manifest, ModelSettings
from vsbench.records.results import Standing


def standing_of(manifest: Manifest) -> Standing:
    """What a run's figures can be compared with."""
    named = manifest.protocol
    differences = conformity(manifest) if named is not None else []
    return Standing(
        protocol="" if named is None else named.name,
        sha256="" if named is None else named.sha256,
        track=track_of(manifest.asking),
        differences=tuple(in_words([each for each in differences if not each.partial])),
        left_out=tuple(in_words([each for each in differences if each.partial])),
    )


def track_of(asking: ModelSettings) -> str:
    """The track that models are asked in: ``image, io``."""
    return f"{asking.modality}, {asking.style}"
