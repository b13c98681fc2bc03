"""Checks of percepts, pictures, texts and labels: four forms of the same knowledge."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from PIL import Image

from vsbench_envs.canvas import decode, encode
from vsbench_envs.errors import UnreadableError
from vsbench_envs.game import Game, View
from vsbench_envs.testing import limits
from vsbench_envs.testing.checks import (
    ToDo,
    check,
    expect,
    expect_equal,
    expect_raises,
    percepts,
    play,
    seeds,
)

PICTURES = 200
"""Enough of bots' play, spread evenly: reading a picture takes a few milliseconds."""

STEPS = 40
"""Of an episode whose pictures are re-encoded, at most; every third is looked at."""


@check("views", quick=True)
def pictures_are_small(game: Game[Any]) -> None:
    """The pictures of the first moment keep the limits of size."""
    state = game.new(0)
    for seat in range(game.spec.seats):
        percept = state.percept(seat)
        for image in (*game.view.draw(percept), *game.view.draw_for_perception(percept)):
            _check_size(image, f"the picture of seat {seat}")


@check("views", quick=True)
def labels_are_short(game: Game[Any]) -> None:
    """Names and values of elements are texts that answers can hold."""
    state = game.new(0)
    for seat in range(game.spec.seats):
        labels = game.view.labels(state.percept(seat))
        expect(labels, f"seat {seat} has no labels: perception has nothing to ask for")
        _check_labels(labels, f"step 0, seat {seat}")


@check("views")
def percepts_are_plain_values(game: Game[Any]) -> None:
    """They compare, hash, pickle, and print as what they are."""
    for seed in seeds(5):
        spelled: dict[str, Any] = {}
        for state, _ in play(game, seed):
            for seat in range(game.spec.seats):
                where = f"seed {seed}, step {state.step}, seat {seat}"
                percept, again = state.percept(seat), state.percept(seat)
                expect_equal(percept.seat, seat, f"{where}: the percept's seat")
                expect_equal(percept, again, f"{where}: the percept once more")
                expect_equal(hash(percept), hash(again), f"{where}: the percept's hash")
                twin = pickle.loads(pickle.dumps(percept))  # noqa: S301 - it was made here
                expect_equal(twin, percept, f"{where}: the pickled percept")
                known = spelled.setdefault(repr(percept), percept)
                expect_equal(known, percept, f"{where}: a percept of the same spelling")
                expect(" at 0x" not in repr(percept), f"{where}: the repr holds an address")
        expect_equal(len(set(spelled.values())), len(spelled), f"seed {seed}: different percepts")


@check("views", slow=True)
def pictures_carry_the_percept_in_random_play(game: Game[Any]) -> None:
    """``read(draw(p)) == drawn(p)`` whatever happens."""
    for seed in seeds(2):
        for where, percept in percepts(game, seed):
            _check_pictures(game, percept, where)


@check("views")
def pictures_carry_the_percept_in_play_of_bots(game: Game[Any]) -> None:
    """``read(draw(p)) == drawn(p)`` where good play leads."""
    seen = {
        percept: f"{name}, {where}"
        for name, bot in game.bots.items()
        if not bot.slow
        for where, percept in percepts(game, 1, name)
    }
    for percept in list(seen)[:: 1 + len(seen) // PICTURES]:
        _check_pictures(game, percept, seen[percept])


@check("views")
def pictures_are_of_one_shape(game: Game[Any]) -> None:
    """Palette mode, within the limits, one size, and as many as ``frames`` says."""
    most = 0
    shapes: dict[str, set[Any]] = {"draw": set(), "draw_for_perception": set()}
    for where, percept in percepts(game, 0):
        images = game.view.draw(percept)
        named = game.view.draw_for_perception(percept)
        most = max(most, len(images))
        shapes["draw"] |= {image.size for image in images}
        shapes["draw_for_perception"] |= {image.size for image in named}
        for image in (*images, *named):
            _check_size(image, where)
    expect_equal(game.view.frames, most, "View.frames")
    for method, sizes in shapes.items():
        expect(len(sizes) == 1, f"{method} makes pictures of several sizes: {sorted(sizes)}")


@check("views")
def pictures_survive_encoding(game: Game[Any]) -> None:
    """They are read back from PNG."""
    percept = game.new(0).percept(0)
    images = [decode(encode(image)) for image in game.view.draw(percept)]
    expect_equal(game.view.read(images), game.view.drawn(percept), "the percept read from PNG")


@check("views", slow=True)
def pictures_survive_lossy_changes(game: Game[Any]) -> None:
    """They are read back after what providers and people do: enlarging and re-encoding."""
    view = game.view
    for state, _ in islice(play(game, 3), 0, STEPS, 3):
        for seat in range(game.spec.seats):
            percept = state.percept(seat)
            images, named = view.draw(percept), view.draw_for_perception(percept)
            for what, change in CHANGES.items():
                where = f"step {state.step}, seat {seat}, {what}"
                read = view.read([change(image) for image in images])
                expect_equal(read, view.drawn(percept), f"{where}: the percept read")
                labels = view.labels(view.read([change(image) for image in named]))
                expect_equal(labels, view.labels(percept), f"{where}: the labels read")


@check("views")
def texts_carry_what_the_pictures_show(game: Game[Any]) -> None:
    """``read_text(describe(p)) == drawn(p)``, whatever stands around the text, as in a prompt."""
    view = game.view
    if type(view)._read_text is View._read_text:
        raise ToDo("write View._read_text, which reads a percept back from its text")
    for seed in seeds(2):
        for where, percept in percepts(game, seed):
            facts = "\n\n".join(view.facts(percept).values())
            text = view.describe(percept)
            expect(text.strip(), f"{where}: the text is empty")
            message = f"Here is the game.\n{text}\n\n{facts}\n\nWhat do you do?"
            expect_equal(view.read_text(message), view.drawn(percept), f"{where}: the text read")
    unrelated = "Here is the game.\n\nWhat do you do?"
    expect_raises(UnreadableError, "reading an unrelated text", view.read_text, unrelated)


@check("views")
def facts_are_sentences(game: Game[Any]) -> None:
    """The same facts at every moment, each a sentence on a line."""
    names = game.view.facts(game.new(0).percept(0)).keys()
    for seed in seeds(2):
        for where, percept in percepts(game, seed):
            facts = game.view.facts(percept)
            expect_equal(facts.keys(), names, f"{where}: names of facts")
            for fact, sentence in facts.items():
                whole = sentence == sentence.strip() and sentence.endswith(".")
                expect(whole and "\n" not in sentence, f"{where}: {fact} is not a sentence")


@check("views")
def labels_name_the_same_elements_at_every_moment(game: Game[Any]) -> None:
    """Elements do not come and go, and each has a value."""
    for seed in seeds(3):
        first = {seat: game.new(0).percept(seat) for seat in range(game.spec.seats)}
        elements = {seat: game.view.labels(percept).keys() for seat, percept in first.items()}
        for where, percept in percepts(game, seed):
            labels = game.view.labels(percept)
            expect_equal(labels.keys(), elements[percept.seat], f"{where}: elements")
            _check_labels(labels, where)


def _check_labels(labels: Mapping[str, str], where: str) -> None:
    """Names and values are texts, not empty, and no longer than answers may be."""
    for name, value in labels.items():
        for text in (name, value):
            expect(
                isinstance(text, str) and text.strip(),
                f"{where}: the element {name!r} has no value or no name",
            )
            expect(
                len(text) <= limits.MAX_NAME,
                f"{where}: the label {text[:40]!r}... has {len(text)} characters; the limit is "
                f"{limits.MAX_NAME}",
            )


def _check_pictures(game: Game[Any], percept: Any, where: str) -> None:
    """The pictures carry the percept except what only facts state, and nothing else."""
    view = game.view
    expect_equal(view.read(view.draw(percept)), view.drawn(percept), f"{where}: the percept read")
    expect_equal(
        view.drawn(view.drawn(percept)), view.drawn(percept), f"{where}: drawn() twice over"
    )
    labels = view.labels(view.read(view.draw_for_perception(percept)))
    expect_equal(labels, view.labels(percept), f"{where}: the labels read")


def _check_size(image: Image.Image, where: str) -> None:
    width, height = image.size
    expect(
        max(width, height) <= limits.MAX_SIDE,
        f"{where} is too big: {width} x {height} px, and the limit is {limits.MAX_SIDE} px",
    )
    expect(image.mode == "P", f"{where} is in mode {image.mode}; pictures are in palette mode (P)")
    size = len(encode(image))
    expect(
        size < limits.MAX_PICTURE_BYTES,
        f"{where} takes {size:,} bytes as PNG; the limit is {limits.MAX_PICTURE_BYTES:,}",
    )


def _enlarged(image: Image.Image, factor: int = 2) -> Image.Image:
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def _re_encoded(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=90)
    return Image.open(buffer)


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG": _re_encoded,
    "twice as large": _enlarged,
    "three times as large": lambda image: _enlarged(image, 3),
    "twice as large, JPEG": lambda image: _re_encoded(_enlarged(image)),
}
