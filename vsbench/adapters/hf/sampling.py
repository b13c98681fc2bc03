"""How tokens are drawn: each row by its own settings, with randomness of its own seed alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from vsbench.adapters.base import Sampling


@dataclass(frozen=True)
class Draw:
    """How one row's tokens are drawn."""

    temperature: float = 0.0
    """0 takes the likeliest token."""
    top_p: float = 1.0
    """Draw among the likeliest tokens that have this probability together."""
    top_k: int = 0
    """Draw among this many of the likeliest tokens; 0 means all."""


def own_draw(config: Any) -> Draw:
    """How a model draws by its own ``GenerationConfig``."""
    if not config.do_sample:
        return Draw()
    return Draw(
        1.0 if config.temperature is None else config.temperature,
        1.0 if config.top_p is None else config.top_p,
        config.top_k or 0,
    )


def asked_draw(sampling: Sampling, own: Draw) -> Draw:
    """How to draw a reply: as asked, or the model's own way where no temperature is asked.

    A temperature without a top_p draws among all tokens, whatever the model's own way is.
    """
    draw = own if sampling.temperature is None else Draw(sampling.temperature)
    return draw if sampling.top_p is None else replace(draw, top_p=sampling.top_p)


class RowSampler:
    """A logits processor that turns greedy decoding into sampling, row by row.

    The largest of log-probabilities with independent Gumbel noise is a draw from them (the
    Gumbel-max trick), and so a row's tokens follow from its logits and its seed. The same seed
    draws differently on a GPU than on a CPU.
    """

    def __init__(self, draws: Sequence[Draw], seeds: Sequence[int]) -> None:
        self._draws = draws
        self._seeds = seeds
        self._generators: list[torch.Generator] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores of shape (rows, vocabulary), of which the largest are the tokens drawn."""
        if not self._generators:
            self._generators = [_generator(seed, scores.device) for seed in self._seeds]
        rows = zip(scores.float(), self._draws, self._generators, strict=True)
        return torch.stack([_noisy(*row) if row[1].temperature else row[0] for row in rows])


def _generator(seed: int, device: torch.device) -> torch.Generator:
    return torch.Generator(device).manual_seed(seed)


def _noisy(logits: torch.Tensor, draw: Draw, generator: torch.Generator) -> torch.Tensor:
    logits = _likeliest(logits / draw.temperature, draw)
    noise = torch.empty_like(logits).exponential_(generator=generator)
    # Minus the logarithm of an exponential variable is a Gumbel variable.
    return logits - noise.clamp_min(torch.finfo(noise.dtype).tiny).log()


def _likeliest(logits: torch.Tensor, draw: Draw) -> torch.Tensor:
    if draw.top_k:
        least = logits.topk(min(draw.top_k, len(logits))).values[-1]
        logits = logits.masked_fill(logits < least, -torch.inf)
    if draw.top_p < 1.0:
        ordered, places = logits.sort(descending=True)
        shares = ordered.softmax(0)
        # A token stays if those before it have less than top_p: the likeliest always does.
        beyond = shares.cumsum(0) - shares >= max(draw.top_p, torch.finfo(shares.dtype).tiny)
        logits = logits.masked_fill(torch.zeros_like(beyond).scatter(0, places, beyond), -torch.inf)
    return logits
