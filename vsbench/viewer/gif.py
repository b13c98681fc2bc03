"""Render an episode as an animated GIF: each seat's picture, with its move as a caption."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from vsbench.errors import UsageError
from vsbench.output_paths import write_errors
from vsbench.reconstruction.episode import Episode, Moment, SeatMoment, open_episode
from vsbench.reconstruction.findings import MismatchError
from vsbench.records.files import UnitKey

WIDTH = 400
"""Width of a seat's picture, in pixels."""
MARGIN, HEADER, CAPTION = 12, 34, 62
MAX_FRAMES = 240
"""Longer episodes show every second moment, or every third, and so on."""
MIN_FRAME_MS, MAX_FRAME_MS, TOTAL_MS, LAST_FRAME_MS = 80, 1200, 60_000, 3000
"""Durations in milliseconds; the total holds as far as the limits of a frame allow."""

BACKGROUND, FOREGROUND, MUTED, RULE = "#f5f4f0", "#1d2228", "#5d6672", "#d3d0c8"
OUTCOME_COLOURS = {
    "ok": "#23804d",
    "illegal": "#b45f06",
    "unparsable": "#7c3fb0",
    "refused": "#c02b2b",
    "truncated": "#2360c4",
    "bot": "#6c7682",
}
"""The same as in the HTML page."""


def gif(directory: str | Path, key: UnitKey, path: str | Path) -> None:
    """Write an episode as an animated GIF.

    Raises:
        UsageError: the episode has not begun, its journal is damaged, or the file cannot be
            written.
        UnknownNameError, MissingExtraError: its game is not installed.
    """
    episode = open_episode(directory, key)
    try:
        frames = share_palette([draw_frame(moment) for moment in sample_moments(episode)])
    except MismatchError as error:
        raise UsageError(f"the episode cannot be replayed: {error}") from None
    duration = max(MIN_FRAME_MS, min(MAX_FRAME_MS, TOTAL_MS // len(frames)))
    with write_errors(Path(path)):
        frames[0].save(
            path,
            format="GIF",
            save_all=True,
            append_images=frames[1:],
            duration=[duration] * (len(frames) - 1) + [LAST_FRAME_MS],
            loop=0,
            optimize=True,
        )


def sample_moments(episode: Episode, limit: int = MAX_FRAMES) -> Iterator[Moment]:
    """Yield the moments to show: all, or about ``limit`` evenly spaced ones and the last."""
    count = len(episode.transcript.steps)
    stride = 1 + count // limit
    for index, moment in enumerate(episode.moments()):
        if index % stride == 0 or moment.played is None:
            yield moment


def draw_frame(moment: Moment) -> Image.Image:
    """Draw a moment: a header, and for each seat its picture and a caption."""
    pictures = [_load_scaled(seat.pictures[-1]) for seat in moment.seats]
    height = max(picture.height for picture in pictures)
    width = MARGIN + sum(picture.width + MARGIN for picture in pictures)
    image = Image.new("RGB", (width, HEADER + height + CAPTION), BACKGROUND)
    draw = ImageDraw.Draw(image)
    _draw_header(draw, moment, width)
    left = MARGIN
    for seat, picture in zip(moment.seats, pictures, strict=True):
        image.paste(picture, (left, HEADER))
        _draw_caption(draw, seat, (left, HEADER + height), picture.width)
        left += picture.width + MARGIN
    return image


def share_palette(frames: Sequence[Image.Image]) -> list[Image.Image]:
    """Quantize frames to one palette: nothing flickers, and only changes are stored."""
    some = frames[:: 1 + len(frames) // 12]
    width, height = frames[0].size
    swatches = height // 8
    sample = Image.new("RGB", (width, height * len(some) + swatches))
    for index, each in enumerate(some):
        sample.paste(each, (0, height * index))
    # Make sure that rare outcomes keep their colours.
    for index, colour in enumerate(OUTCOME_COLOURS.values()):
        share = width // len(OUTCOME_COLOURS)
        sample.paste(
            colour, (share * index, height * len(some), share * (index + 1), sample.height)
        )
    # GIF needs one of the 256 entries for "unchanged".
    palette = sample.quantize(255, method=Image.Quantize.MEDIANCUT)
    return [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in frames]


def _draw_header(draw: ImageDraw.ImageDraw, moment: Moment, width: int) -> None:
    episode = moment.episode
    steps = sum(step.played is not None for step in episode.transcript.steps)
    draw.text((MARGIN, 16), episode.game.spec.title, FOREGROUND, _font(16), "lm")
    over = moment.played is None and episode.transcript.closed is not None
    position = f"the end, after {steps} steps" if over else f"step {moment.step} of {steps}"
    draw.text((width - MARGIN, 16), position, MUTED, _font(14), "rm")
    progress = MARGIN + (width - 2 * MARGIN) * moment.step // max(1, steps)
    draw.rectangle((MARGIN, HEADER - 5, width - MARGIN, HEADER - 4), RULE)
    draw.rectangle((MARGIN, HEADER - 5, progress, HEADER - 4), FOREGROUND)


def _draw_caption(
    draw: ImageDraw.ImageDraw, seat: SeatMoment, at: tuple[int, int], width: int
) -> None:
    left, top = at
    right, first, second = left + width, top + 16, top + 43
    moment = seat.moment
    after = moment.after if moment.played else moment.before
    reward = after.rewards[seat.seat] if moment.played else 0
    gained = f"{reward:+g}   " if reward else ""
    figures = f"{gained}return {after.returns[seat.seat]:g}"
    draw.text((left, first), moment.episode.game.spec.roles[seat.seat], MUTED, _font(14), "lm")
    draw.text((right, first), figures, MUTED, _font(14), "rm")
    if seat.move is None:
        return
    outcome = seat.decision.outcome if seat.decision else "bot"
    span = draw.textlength(outcome, _font(13)) + 18
    draw.text((left, second), seat.move, FOREGROUND, _font(20), "lm")
    draw.rounded_rectangle(
        (right - span, second - 11, right, second + 11), 4, OUTCOME_COLOURS[outcome]
    )
    draw.text((right - span / 2, second), outcome, BACKGROUND, _font(13), "mm")


def _load_scaled(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    if picture.width <= WIDTH:
        return picture
    height = round(picture.height * WIDTH / picture.width)
    return picture.resize((WIDTH, height), Image.Resampling.LANCZOS)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
