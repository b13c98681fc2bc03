"""Checks of the spec and the rules: facts, labels, legal moves, determinism, copies, refusals."""

from __future__ import annotations

import copy
import pickle
import random
import re
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, is_dataclass
from math import isclose, isfinite
from typing import Any, get_args

from vsbench_envs import registry
from vsbench_envs.errors import IllegalMoveError
from vsbench_envs.frozen import FrozenMapping
from vsbench_envs.game import Game, State
from vsbench_envs.replay import digest, replay
from vsbench_envs.spec import EpisodeSummary, Kind
from vsbench_envs.testing import limits
from vsbench_envs.testing.checks import (
    check,
    expect,
    expect_equal,
    expect_raises,
    play,
    seeds,
)

COPY_EVERY = 7
"""Joint moves between two states that are copied."""


@check("rules", quick=True)
def the_id_and_the_title_are_its_own(game: Game[Any]) -> None:
    """The id is a lower-case identifier that names this game; no other game has its title."""
    spec = game.spec
    expect(
        spec.id.isidentifier() and spec.id == spec.id.lower(),
        f"the id {spec.id!r} is not a lower-case identifier",
    )
    expect(
        len(spec.id) <= limits.MAX_ID_LENGTH,
        f"the id has more than {limits.MAX_ID_LENGTH} characters",
    )
    for name, other in registry.installed().items():
        if name == spec.id:
            expect(other is game, f"the id {name!r} is taken by another game")
        else:
            expect(other.spec.title != spec.title, f"{name} has the title {spec.title!r} too")


@check("rules", quick=True)
def the_spec_describes_the_game(game: Game[Any]) -> None:
    """Kind, summary, roles, events and schedule are complete and consistent."""
    spec = game.spec
    expect(spec.kind in get_args(Kind), f"the kind is one of {get_args(Kind)}, not {spec.kind!r}")
    expect(spec.title.strip(), "the title is empty")
    expect(spec.summary.endswith("."), "the summary is a sentence and ends with a full stop")
    expect(1 <= spec.seats <= limits.MAX_SEATS, f"a game has 1 to {limits.MAX_SEATS} seats")
    expect_equal(len(set(spec.roles)), spec.seats, "different roles, one for each seat")
    expect_equal(len(spec.roles), spec.seats, "roles, one for each seat")
    expect(len(spec.events) <= limits.MAX_EVENTS, f"more than {limits.MAX_EVENTS} events")
    for event, what in spec.events.items():
        expect(what, f"the event {event!r} is not explained")
    for name in ("group", "strata", "typical_length"):
        expect(getattr(spec, name) >= 1, f"{name} is at least 1")


@check("rules", quick=True)
def the_spec_cannot_be_changed(game: Game[Any]) -> None:
    """Everything in a spec and in the bots' options is frozen and can be hashed."""
    hash(_frozen(game.spec))
    expect(isinstance(game.bots, FrozenMapping), "Game.bots is frozen")
    for name, bot in game.bots.items():
        expect(isinstance(bot.parameters, FrozenMapping), f"the options of {name} are frozen")
        hash(_frozen(dict(bot.parameters)))
    frozen: Any = game.spec
    errors = (AttributeError, FrozenInstanceError)
    expect_raises(errors, "setting spec.seats", setattr, frozen, "seats", 9)
    expect_raises(errors, "changing spec.ids", lambda: frozen.ids.update({}))
    bots: Any = game.bots
    expect_raises(errors, "changing Game.bots", lambda: bots.pop("random"))


@check("rules", quick=True)
def action_labels_are_short_and_distinct(game: Game[Any]) -> None:
    """Labels are unique, lower case, short, and none stands inside another as whole words."""
    labels = game.spec.actions
    expect(labels, "there are no actions")
    expect_equal(len(set(labels)), len(labels), "different labels")
    for label in labels:
        expect(label and label == label.lower().strip(), f"the label {label!r} is not lower case")
        expect(
            len(label) <= limits.MAX_LABEL,
            f"the label {label!r} has {len(label)} characters; the limit is {limits.MAX_LABEL}",
        )
        whole = re.compile(rf"(?<![\w-]){re.escape(label)}(?![\w-])")
        longer = [other for other in labels if whole.search(other) and other != label]
        expect(not longer, f"the label {label!r} is a part of {longer}")


@check("rules", quick=True)
def measures_have_anchors(game: Game[Any]) -> None:
    """Weights add up to 1, names differ, and the best play scores above random play."""
    measures = game.spec.measures
    expect(measures, "there are no measures: GameSpec.measures says what is scored")
    total = sum(measure.weight for measure in measures)
    expect(isclose(total, 1), f"the weights of the measures add up to {total} instead of 1")
    names = [measure.name for measure in measures]
    expect_equal(len(set(names)), len(names), "different names of measures")
    empty = EpisodeSummary((0.0,) * game.spec.seats, 0, {})
    for measure in measures:
        expect(measure.weight >= 0, f"the weight of {measure.name} is negative")
        expect(
            measure.best > measure.random,
            f"the anchors of {measure.name}: best ({measure.best}) is not above random "
            f"({measure.random})",
        )
        _extracts(measure, empty)


@check("rules")
def measures_are_taken_from_episodes(game: Game[Any]) -> None:
    """Every measure is a finite number for a finished episode."""
    *_, (last, _) = play(game, 0)
    for measure in game.spec.measures:
        _extracts(measure, last.summary)


@check("rules")
def turns_rewards_and_counts_add_up(game: Game[Any]) -> None:
    """Seats act in order, legal actions are ids, returns are sums of rewards, events are known."""
    spec = game.spec
    for seed in seeds(5):
        returns = (0.0,) * spec.seats
        state = game.new(seed)
        for step, (state, _) in enumerate(play(game, seed)):
            where = f"seed {seed}, step {step}"
            expect(
                step <= limits.MAX_STEPS,
                f"the episode is longer than {limits.MAX_STEPS} joint moves",
            )
            expect_equal(state.seed, seed, f"{where}: seed")
            expect_equal(state.seats, spec.seats, f"{where}: seats")
            expect_equal(state.step, step, f"{where}: step")
            expect(all(map(isfinite, state.rewards)), f"{where}: a reward is not finite")
            returns = tuple(a + b for a, b in zip(returns, state.rewards, strict=True))
            expect(
                all(map(isclose, state.returns, returns)),
                f"{where}: returns {state.returns} are not the sums of rewards {returns}",
            )
            expect(
                set(state.events) <= set(spec.events), f"{where}: an event is not in spec.events"
            )
            for event, counts in state.events.items():
                expect_equal(len(counts), spec.seats, f"{where}: counts of {event!r}")
            _check_turn(game, state, where)
        expect(not state.acting, f"seed {seed}: the episode does not end")
        expect(state.summary.length == state.step > 0, f"seed {seed}: the episode has no moves")


@check("rules")
def predictions_can_be_answered(game: Game[Any]) -> None:
    """``options`` holds every legal action, and ``equivalents`` the action itself."""
    for seed in seeds(2):
        for state, joint in play(game, seed):
            where = f"seed {seed}, step {state.step}"
            for target, action in joint.items():
                legal = state.legal_actions(target)
                for seat in range(game.spec.seats):
                    options = state.options(seat, target)
                    expect(
                        set(legal) <= set(options),
                        f"{where}: options({seat}, {target}) lacks legal actions",
                    )
                    expect_equal(list(options), sorted(set(options)), f"{where}: options in order")
                equal = state.equivalents(target, action)
                expect(action in equal, f"{where}: equivalents({target}, {action}) lacks itself")
                for other in equal:
                    expect_equal(
                        set(state.equivalents(target, other)), set(equal),
                        f"{where}: equivalents({target}, {other})",
                    )  # fmt: skip


@check("rules")
def an_episode_is_its_seed_and_its_moves(game: Game[Any]) -> None:
    """The same moves give the same episode; the global random generator is not used."""
    for seed in seeds(3):
        moves = _moves(game, seed)
        kept = random.getstate()
        try:
            random.seed(1)
            before = random.getstate()
            once = _digests(game, seed, moves)
            expect_equal(random.getstate(), before, "the game draws from the global generator")
            random.seed(2)
            expect_equal(_digests(game, seed, moves), once, f"seed {seed}: the episode once more")
        finally:
            random.setstate(kept)


@check("rules")
def copies_have_the_same_future_and_are_independent(game: Game[Any]) -> None:
    """``copy``, pickling and deep copies make states that share nothing with the original."""
    for duplicate in (_copied, _pickled, copy.deepcopy):
        for seed in seeds(2):
            moves = _moves(game, seed)
            expected = _digests(game, seed, moves)
            for start, state in enumerate(replay(game, seed, moves)):
                if start % COPY_EVERY and start < len(moves):
                    continue
                where = f"seed {seed}, step {start}: a copy by {duplicate.__name__.strip('_')}"
                now = _everything(state)
                twin = duplicate(state)
                expect_equal(_everything(twin), now, where)
                for joint, fingerprint in zip(moves[start:], expected[start + 1 :], strict=True):
                    twin.apply(joint)
                    expect_equal(digest(twin), fingerprint, f"{where} after {twin.step} moves")
                expect_equal(_everything(state), now, f"{where} changes the original")


@check("rules")
def illegal_moves_are_refused_and_change_nothing(game: Game[Any]) -> None:
    """Joint moves of wrong seats or with illegal actions raise IllegalMoveError."""
    table = range(-1, len(game.spec.actions) + 1)
    for seed in seeds(2):
        for state, joint in play(game, seed):
            now = _everything(state)
            idle = set(range(-1, game.spec.seats + 1)) - set(state.acting)
            wrong = [{}, *({**joint, seat: 0} for seat in idle)]
            wrong += [{k: v for k, v in joint.items() if k != seat} for seat in joint]
            for seat in joint:
                illegal = sorted(set(table) - set(state.legal_actions(seat)))
                # Every one on the first move; then only the ends, as the table can be long.
                wrong += [
                    {**joint, seat: action}
                    for action in (illegal if state.step == 0 else illegal[:1] + illegal[-1:])
                ]
            where = f"seed {seed}, step {state.step}"
            for move in wrong:
                expect_raises(IllegalMoveError, f"{where}: {move}", state.apply, move)
            expect_equal(_everything(state), now, f"{where}: the state after refused moves")


def _check_turn(game: Game[Any], state: State[Any], where: str) -> None:
    spec = game.spec
    expect_equal(list(state.acting), sorted(set(state.acting)), f"{where}: acting seats in order")
    expect(set(state.acting) <= set(range(spec.seats)), f"{where}: a seat does not exist")
    expect(
        spec.simultaneous or len(state.acting) <= 1,
        f"{where}: several seats act, but the spec is not simultaneous",
    )
    for seat in range(spec.seats):
        legal = state.legal_actions(seat)
        expect_equal(bool(legal), seat in state.acting, f"{where}: seat {seat} has legal actions")
        expect_equal(list(legal), sorted(set(legal)), f"{where}: legal actions in order")
        expect(set(legal) <= set(range(len(spec.actions))), f"{where}: a legal action has no label")


def _extracts(measure: Any, episode: EpisodeSummary) -> None:
    value = measure.extract(episode, range(len(episode.returns)))
    number = isinstance(value, (int, float)) and isfinite(value)
    expect(number, f"the measure {measure.name} of an episode is {value!r}, not a number")


def _moves(game: Game[Any], seed: int) -> list[Mapping[int, int]]:
    return [joint for _, joint in play(game, seed)][:-1]


def _digests(game: Game[Any], seed: int, moves: list[Mapping[int, int]]) -> list[str]:
    return [digest(state) for state in replay(game, seed, moves)]


def _everything(state: State[Any]) -> tuple[Any, ...]:
    """Everything observable of a state."""
    legal = [state.legal_actions(seat) for seat in range(state.seats)]
    return digest(state), state.step, state.rewards, state.acting, legal, state.truncated


def _copied(state: State[Any]) -> State[Any]:
    return state.copy()


def _pickled(state: State[Any]) -> State[Any]:
    twin: State[Any] = pickle.loads(pickle.dumps(state))  # noqa: S301 - it was made here
    return twin


def _frozen(value: Any) -> Any:
    """Everything that is reachable, as something that can be hashed; TypeError if it cannot."""
    if is_dataclass(value) and not isinstance(value, type):
        frozen = value.__dataclass_params__.frozen  # type: ignore[attr-defined]  # not in stubs
        expect(frozen, f"{type(value).__name__} is not a frozen dataclass")
        return tuple(map(_frozen, vars(value).values()))
    if isinstance(value, FrozenMapping) or type(value) is dict:
        return tuple((key, _frozen(each)) for key, each in value.items())
    if isinstance(value, tuple):
        return tuple(map(_frozen, value))
    return value
