"""Checks of bots, of the recipe by which they make a data set, and of measured anchors."""

from __future__ import annotations

import pickle
import re
from itertools import islice
from typing import Any

from vsbench_envs import anchors, registry
from vsbench_envs.game import Game, Turn
from vsbench_envs.seeding import stream
from vsbench_envs.testing.checks import (
    CheckFailed,
    ToDo,
    check,
    expect,
    expect_equal,
    expect_raises,
    play,
)

SLOW_MOVES = 3
"""Moves of a slow bot that are checked: a search may take seconds for a whole episode."""

COMMON = {
    "random": "the lower anchor of scores; vsbench_envs.game.RANDOM is one",
    "oracle": "the best play: the upper anchor, and what sighted/oracle plays",
    "greedy": "a simple sensible policy, which plays the examples of `vsbench prompts show`",
}
"""Bots that every game has, and what they are for."""

MESSAGE_LENGTH = 400
WRONG_VALUES = ("9" * 5000, "1e-10000000", "1e99", "nan", "inf", "٣", " 1")


@check("bots", quick=True)
def bots_are_described(game: Game[Any]) -> None:
    """Names are identifiers, descriptions are sentences, and the spec names bots that exist."""
    spec = game.spec
    for name, bot in game.bots.items():
        expect(name.isidentifier(), f"the name {name!r} is not an identifier")
        expect(bot.about.endswith("."), f"the description of {name} is not a sentence")
    if spec.opponent is not None:
        try:
            registry.bot(game, spec.opponent)
        except (LookupError, ValueError) as error:
            raise CheckFailed(f"GameSpec.opponent: {error}") from None
    if spec.oracle in game.bots:
        expect(
            not game.bots[spec.oracle].needs_state,
            f"{spec.oracle} needs the state: sighted models play it from pictures",
        )


@check("bots")
def every_game_has_the_common_bots(game: Game[Any]) -> None:
    """``random``, ``oracle`` and ``greedy``, and the spec's oracle if it has another name."""
    missing = [f"{name} ({use})" for name, use in COMMON.items() if name not in game.bots]
    if missing:
        raise ToDo(f"add to Game.bots: {'; '.join(missing)}")
    expect(game.spec.oracle in game.bots, f"GameSpec.oracle names no bot: {game.spec.oracle!r}")


@check("bots")
def bots_play_legal_moves(game: Game[Any]) -> None:
    """Every bot plays an episode in all seats; a slow one, its first moves."""
    for name, bot in game.bots.items():
        length = SLOW_MOVES + 1 if bot.slow else None
        states = [state for state, _ in islice(play(game, 1, name), length)]
        expect(states[-1].step > 0, f"{name} plays no move")


@check("bots")
def bots_decide_alike_from_the_same_turn(game: Game[Any]) -> None:
    """A decision is a function of the turn, also in another process."""
    state = game.new(1)
    seat = state.acting[0]
    for name, bot in game.bots.items():
        first, second = (bot.decide(_turn(game, seat), **bot.defaults) for _ in range(2))
        expect_equal(second, first, f"the decision of {name} from the same turn")
        expect(first in state.legal_actions(seat), f"{name} plays the illegal action {first}")


@check("bots")
def options_keep_their_ranges(game: Game[Any]) -> None:
    """Values out of range are refused in words; the highest one is taken."""
    for name, bot in game.bots.items():
        for option, parameter in bot.parameters.items():
            for wrong in (f"{parameter.high + 1}", *WRONG_VALUES):
                written = f"{name}:{option}={wrong}"
                what = f"{name}:{option}={wrong[:20]}"
                error = expect_raises(ValueError, what, registry.bot, game, written)
                said = str(error)
                named = re.search(re.escape(parameter.range), said) and option in said
                expect(named and len(said) < MESSAGE_LENGTH, f"{what} is not explained: {said}")
            written = f"{name}:{option}={parameter.high}"
            expect_equal(registry.bot(game, written)[1][option], parameter.high, written)


@check("bots")
def the_recipe_makes_a_data_set(game: Game[Any]) -> None:
    """Its lineups fill every seat with bots, and its groups are words of labels."""
    recipe = game.recipe
    if recipe is None:
        raise ToDo(
            "give Game.recipe, by which `vsbench dataset build` makes states to ask about; "
            "without one, sets come from recorded runs only"
        )
    expect(recipe.lineups, "the recipe has no lineups")
    expect(recipe.per_episode >= 1, "per_episode is at least 1")
    for lineup in recipe.lineups:
        seats = game.spec.seats
        expect_equal(len(lineup.bots), seats, f"bots of {lineup.bots}, one for each seat")
        expect_equal(len(lineup.shares), seats, f"shares of {lineup.bots}, one for each seat")
        expect(
            min(lineup.shares) >= 0 < sum(lineup.shares),
            f"the shares of {lineup.bots} are not positive: {lineup.shares}",
        )
        for written in lineup.bots:
            try:
                registry.bot(game, written)
            except (LookupError, ValueError) as error:
                raise CheckFailed(f"a lineup: {error}") from None
    groups = {recipe.group(label) for label in game.spec.actions}
    unused = set(recipe.groups) - groups
    expect(not unused, f"no action is in the groups {sorted(unused)}")
    expect(groups <= set(recipe.groups), "actions are in none of the recipe's groups")


@check("bots")
def anchors_are_measured(game: Game[Any]) -> None:
    """Its measured anchors ship with it, and have every measure of the spec."""
    found = anchors.measured(game.spec.id)
    if found is None:
        raise ToDo(
            "measure the anchors and ship them in the game's package: vsbench anchors --env "
            f"{game.spec.id} --write PACKAGE/{anchors.FILE}"
        )
    names = [measure.name for measure in game.spec.measures]
    expect_equal(list(found.measures), names, "measures in the anchors file")


def _turn(game: Game[Any], seat: int) -> Turn[Any]:
    """A first turn that has been to another process."""
    state = game.new(1)
    turn = Turn((state.percept(seat),), state.legal_actions(seat), stream("turn"), state.copy())
    travelled: Turn[Any] = pickle.loads(pickle.dumps(turn))  # noqa: S301 - it was made here
    return travelled
