"""An episode as an animated GIF: what every seat saw, and a caption that tells what it did."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from vsbench.errors import UsageError
from vsbench.reconstruction.episode import Episode, Moment, SeatMoment, open_episode
from vsbench.reconstruction.findings import DiffersError
from vsbench.records.files import UnitKey

WIDTH = 400
"""Of one seat's picture, in pixels."""
GAP, HEAD, CAPTION = 12, 34, 62
MOST_FRAMES = 240
"""Of longer episodes every second moment is shown, or every third, and so on."""
QUICKEST, SLOWEST, LENGTH, LAST = 80, 1200, 60_000, 3000
"""Milliseconds: of a frame, of all frames as far as that allows, and of the last frame."""

PAPER, INK, SOFT, LINE = "#f5f4f0", "#1d2228", "#5d6672", "#d3d0c8"
TONES = {
    "ok": "#23804d",
    "illegal": "#b45f06",
    "unparsable": "#7c3fb0",
    "refused": "#c02b2b",
    "truncated": "#2360c4",
    "scripted": "#6c7682",
}
"""Outcomes, in the colours of the HTML page."""


def gif(directory: str | Path, key: UnitKey, path: str | Path) -> None:
    """Write an episode's animation.

    Raises:
        UsageError: the episode has not begun, its journal is damaged, or the file cannot be
            written.
        UnknownNameError, MissingExtraError: its game is not installed here.
    """
    episode = open_episode(directory, key)
    try:
        frames = in_one_palette([frame(moment) for moment in chosen(episode)])
    except DiffersError as error:
        raise UsageError(f"the episode cannot be played again: {error}") from None
    pace = max(QUICKEST, min(SLOWEST, LENGTH // len(frames)))
    try:
        frames[0].save(
            path,
            format="GIF",
            save_all=True,
            append_images=frames[1:],
            duration=[pace] * (len(frames) - 1) + [LAST],
            loop=0,
            optimize=True,
        )
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None


def chosen(episode: Episode) -> Iterator[Moment]:
    """The moments that become frames: all, or evenly spread ones and the last."""
    count = len(episode.transcript.steps)
    stride = 1 + count // MOST_FRAMES
    for index, moment in enumerate(episode.moments()):
        if index % stride == 0 or moment.played is None:
            yield moment


def frame(moment: Moment) -> Image.Image:
    """One moment: a head line, and for each seat its picture and a caption."""
    pictures = [_shrunk(seat.pictures[-1]) for seat in moment.seats]
    height = max(picture.height for picture in pictures)
    width = GAP + sum(picture.width + GAP for picture in pictures)
    image = Image.new("RGB", (width, HEAD + height + CAPTION), PAPER)
    draw = ImageDraw.Draw(image)
    _head(draw, moment, width)
    left = GAP
    for seat, picture in zip(moment.seats, pictures, strict=True):
        image.paste(picture, (left, HEAD))
        _caption(draw, seat, (left, HEAD + height), picture.width)
        left += picture.width + GAP
    return image


def in_one_palette(frames: Sequence[Image.Image]) -> list[Image.Image]:
    """Frames that share a palette: nothing flickers, and only what changes is stored."""
    some = frames[:: 1 + len(frames) // 12]
    width, height = frames[0].size
    swatch = height // 8
    sample = Image.new("RGB", (width, height * len(some) + swatch))
    for index, each in enumerate(some):
        sample.paste(each, (0, height * index))
    # Rare outcomes keep their colours too.
    for index, tone in enumerate(TONES.values()):
        share = width // len(TONES)
        sample.paste(tone, (share * index, height * len(some), share * (index + 1), sample.height))
    # One entry of 256 is left to say "as before".
    palette = sample.quantize(255, method=Image.Quantize.MEDIANCUT)
    return [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in frames]


def _head(draw: ImageDraw.ImageDraw, moment: Moment, width: int) -> None:
    episode = moment.episode
    steps = sum(step.played is not None for step in episode.transcript.steps)
    draw.text((GAP, 16), episode.game.spec.title, INK, _font(16), "lm")
    over = moment.played is None and episode.transcript.closed is not None
    told = f"the end, after {steps} steps" if over else f"step {moment.step} of {steps}"
    draw.text((width - GAP, 16), told, SOFT, _font(14), "rm")
    reach = GAP + (width - 2 * GAP) * moment.step // max(1, steps)
    draw.rectangle((GAP, HEAD - 5, width - GAP, HEAD - 4), LINE)
    draw.rectangle((GAP, HEAD - 5, reach, HEAD - 4), INK)


def _caption(draw: ImageDraw.ImageDraw, seat: SeatMoment, at: tuple[int, int], width: int) -> None:
    left, top = at
    right, first, second = left + width, top + 16, top + 43
    moment = seat.moment
    after = moment.after if moment.played else moment.before
    reward = after.rewards[seat.seat] if moment.played else 0
    gained = f"{reward:+g}   " if reward else ""
    figures = f"{gained}return {after.returns[seat.seat]:g}"
    draw.text((left, first), moment.episode.game.spec.roles[seat.seat], SOFT, _font(14), "lm")
    draw.text((right, first), figures, SOFT, _font(14), "rm")
    if seat.move is None:
        return
    outcome = seat.decision.outcome if seat.decision else "scripted"
    span = draw.textlength(outcome, _font(13)) + 18
    draw.text((left, second), seat.move, INK, _font(20), "lm")
    draw.rounded_rectangle((right - span, second - 11, right, second + 11), 4, TONES[outcome])
    draw.text((right - span / 2, second), outcome, PAPER, _font(13), "mm")


def _shrunk(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    if picture.width <= WIDTH:
        return picture
    height = round(picture.height * WIDTH / picture.width)
    return picture.resize((WIDTH, height), Image.Resampling.LANCZOS)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
