"""How tokens are drawn."""

import pytest

from tiny_vlm import torch, transformers
from vsbench.adapters import Sampling
from vsbench.adapters.hf.sampling import Draw, RowSampler, asked_draw, own_draw

SHARES = torch.tensor([0.5, 0.25, 0.15, 0.1])
DRAWS = 4000


def drawn(draw: Draw, rows: int = DRAWS) -> torch.Tensor:
    """How often each of four tokens is drawn, over as many seeds."""
    scores = SHARES.log().expand(rows, -1)
    sampled = RowSampler([draw] * rows, range(rows))(torch.zeros(rows, 0), scores)
    return torch.bincount(sampled.argmax(dim=1), minlength=4) / rows


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (Draw(1.0), [0.5, 0.25, 0.15, 0.1]),
        (Draw(0.5), [0.725, 0.181, 0.065, 0.029]),
        (Draw(1e9), [0.25, 0.25, 0.25, 0.25]),
        (Draw(1.0, top_p=0.7), [2 / 3, 1 / 3, 0, 0]),
        (Draw(1.0, top_p=0.76), [0.5 / 0.9, 0.25 / 0.9, 0.15 / 0.9, 0]),
        (Draw(1.0, top_p=0.0), [1, 0, 0, 0]),
        (Draw(1.0, top_k=2), [2 / 3, 1 / 3, 0, 0]),
        (Draw(1.0, top_k=50), [0.5, 0.25, 0.15, 0.1]),
        (Draw(0.0), [1, 0, 0, 0]),
        (Draw(0.0, top_p=0.9), [1, 0, 0, 0]),
    ],
)
def test_tokens_are_as_likely_as_asked(draw: Draw, expected: list[float]) -> None:
    # Four standard errors of a share of one half.
    assert drawn(draw) == pytest.approx(expected, abs=4 * 0.5 / DRAWS**0.5)
    assert [share > 0 for share in expected] == (drawn(draw) > 0).tolist()


def test_each_row_has_its_own_stream_that_goes_on() -> None:
    scores = torch.zeros(3, 50)
    together = RowSampler([Draw(1.0)] * 3, [7, 8, 7])
    alone = RowSampler([Draw(1.0)], [8])
    first, second = together(scores, scores), together(scores, scores)
    assert torch.equal(first[0], first[2])
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], second[0])
    assert torch.equal(first[1:2], alone(scores[:1], scores[:1]))
    assert torch.equal(second[1:2], alone(scores[:1], scores[:1]))


def test_half_precision_is_drawn_from_in_full() -> None:
    scores = torch.zeros(1, 8, dtype=torch.bfloat16)
    assert RowSampler([Draw(1.0)], [1])(scores, scores).dtype == torch.float32


def test_the_models_own_way_counts_where_no_temperature_is_asked() -> None:
    own = own_draw(
        transformers.GenerationConfig(do_sample=True, temperature=0.6, top_p=0.9, top_k=20)
    )
    assert own == Draw(0.6, 0.9, 20)
    assert asked_draw(Sampling(temperature=None), own) == own
    assert asked_draw(Sampling(temperature=None, top_p=0.5), own) == Draw(0.6, 0.5, 20)
    assert asked_draw(Sampling(temperature=1.0), own) == Draw(1.0)
    assert asked_draw(Sampling(temperature=0.0, top_p=0.8), own) == Draw(0.0, 0.8)


def test_models_that_do_not_sample_take_the_likeliest() -> None:
    assert own_draw(transformers.GenerationConfig(temperature=0.6)) == Draw()
    assert own_draw(transformers.GenerationConfig(do_sample=True)) == Draw(1.0)
