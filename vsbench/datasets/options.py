"""What can be answered: the actions that the one who is asked cannot rule out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from vsbench.datasets.samples import Dataset, Sample
from vsbench_envs.game import Game, State
from vsbench_envs.grid.board import same_outcome
from vsbench_envs.grid.rules import GridState
from vsbench_envs.hanabi.actions import actions
from vsbench_envs.hanabi.knowledge import board_of, own_cards
from vsbench_envs.hanabi.percept import HanabiPercept

if TYPE_CHECKING:
    from vsbench_envs.hanabi.rules import HanabiState


def options(dataset: Dataset, sample: Sample) -> tuple[str, ...]:
    """The labels to choose an answer from, in the order of the action ids."""
    return options_at(dataset.game, dataset.state(sample), sample.seat, sample.target)


def options_at(game: Game[Any], state: State[Any], seat: int, target: int) -> tuple[str, ...]:
    """What ``target`` can do in a state, as far as ``seat`` knows.

    Who may do what is public in every game but Hanabi. There a hand can be told only of what it
    holds, so that the legal reveals would give away the cards of the one who is asked: whatever
    those cards may be, as far as their holder knows, is offered instead.
    """
    legal = state.legal_actions(target)
    if seat != target and isinstance(state.percept(seat), HanabiPercept):
        legal = tuple(_hanabi_options(cast("HanabiState", state), seat, target))
    return game.spec.labels(legal)


def _hanabi_options(state: HanabiState, seat: int, target: int) -> Iterator[int]:
    legal, marks = state.legal_actions(target), _own_marks(state, seat)
    for number, action in enumerate(actions(state.variant)):
        if action.kind == "reveal" and action.aimed(target, state.variant) == seat:
            if state.percept(seat).tokens and action.clue in marks:
                yield number
        elif number in legal:
            yield number


def _own_marks(state: HanabiState, seat: int) -> frozenset[str]:
    """The colours and ranks that a hand may hold, by what it was told and by counting cards."""
    percept = state.percept(seat)
    hand = own_cards(board_of(percept, state.variant), percept)
    return frozenset(mark for cards in hand for card in cards for mark in card)


def same_answers(game: Game[Any], state: State[Any], target: int, action: int) -> tuple[str, ...]:
    """The labels that count as right when ``target`` takes an action: those with its outcome."""
    if isinstance(state, GridState):
        return game.spec.labels(same_outcome(state.players[target], action))
    return game.spec.labels((action,))
