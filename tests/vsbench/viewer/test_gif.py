"""The animation: a frame for each moment, small enough to send."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from vsbench.errors import UsageError
from vsbench.reconstruction.episode import open_episode
from vsbench.records.files import UnitKey
from vsbench.viewer.gif import LAST_FRAME_MS, draw_frame, gif, sample_moments

COIN = UnitKey("decision", "coin_dilemma", 0)
KUHN = UnitKey("decision", "kuhn_poker", 0)


def test_every_moment_is_a_frame(recorded: Path, tmp_path: Path) -> None:
    path = tmp_path / "film.gif"
    gif(recorded, COIN, path)
    assert path.stat().st_size < 1_500_000
    with Image.open(path) as film:
        assert film.info["loop"] == 0
        durations = [frame.info["duration"] for frame in ImageSequence.Iterator(film)]
    assert len(durations) == 51
    assert durations[-1] == LAST_FRAME_MS
    assert sum(durations) < 66_000


def test_frames_show_what_the_seats_saw(hands: Path, tmp_path: Path) -> None:
    gif(hands, KUHN, tmp_path / "film.gif")
    moments = list(open_episode(hands, KUHN).moments())
    with Image.open(tmp_path / "film.gif") as film:
        for shown, moment in zip(ImageSequence.Iterator(film), moments, strict=True):
            assert difference(shown, draw_frame(moment)) < 4
    assert difference(draw_frame(moments[0]), draw_frame(moments[1])) > 0.2


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference by channel, 0 to 255."""
    pixels = [np.asarray(image.convert("RGB"), dtype=np.int16) for image in (one, other)]
    return float(np.abs(pixels[0] - pixels[1]).mean())


def test_long_episodes_are_thinned_out(recorded: Path) -> None:
    shown = list(sample_moments(open_episode(recorded, COIN), limit=20))
    assert [moment.step for moment in shown] == [*range(0, 50, 3), 50]


def test_files_that_cannot_be_written_are_told(hands: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        gif(hands, KUHN, tmp_path / "nowhere" / "film.gif")
