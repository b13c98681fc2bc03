"""Bots for Hanabi: two baselines without conventions, and the table of all bots."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from vsbench_envs.game import RANDOM, Bot, Turn
from vsbench_envs.hanabi import convention, oracle
from vsbench_envs.hanabi.percept import (
    Board,
    Cards,
    HanabiPercept,
    after_clue,
    board_of,
    expected_value,
    own_cards,
    unseen,
)
from vsbench_envs.hanabi.variant import Action, Variant, action_ids, actions
from vsbench_envs.parameters import Parameter
from vsbench_envs.recipe import Recipe, self_play


def beginner(turn: Turn[HanabiPercept], variant: Variant) -> int:
    """Play if certain, else give a clue about a playable card, else discard the oldest card."""
    percept, board = turn.percept, board_of(turn.percept, variant)
    legal = [actions(variant)[action] for action in turn.legal]
    own = own_cards(board, percept)
    for action in legal:
        if action.kind == "play" and own[action.position - 1] <= board.playable:
            return action_ids(variant)[action]
    if helpful := list(_helpful_clues(percept, board, legal)):
        return action_ids(variant)[helpful[0]]
    discards = [action for action in legal if action.kind == "discard"]
    useless = [a for a in discards if not own[a.position - 1] & board.useful]
    reveals = [action for action in legal if action.kind == "reveal"]
    chosen = (useless or discards)[0] if discards else turn.rng.choice(reveals)
    return action_ids(variant)[chosen]


def greedy(turn: Turn[HanabiPercept], variant: Variant, chance: float) -> int:
    """Play the likeliest card if likely enough, else give a helpful clue, else discard any."""
    percept, board = turn.percept, board_of(turn.percept, variant)
    legal = [actions(variant)[action] for action in turn.legal]
    copies, own = unseen(board, percept), own_cards(board, percept)
    is_playable = {card: card in board.playable for card in copies}

    def likely(action: Action) -> float:
        return expected_value(own[action.position - 1], is_playable, copies)

    best = max((action for action in legal if action.kind == "play"), key=likely)
    if likely(best) >= chance:
        return action_ids(variant)[best]
    choices = list(_helpful_clues(percept, board, legal))
    choices = choices or [action for action in legal if action.kind == "discard"]
    choices = choices or [action for action in legal if action.kind == "reveal"]
    return action_ids(variant)[turn.rng.choice(choices)]


def _helpful_clues(percept: HanabiPercept, board: Board, legal: list[Action]) -> Iterator[Action]:
    """Clues that say something new about a card that is playable, but not known to be."""
    variant = board.variant
    for action in legal:
        if action.kind != "reveal":
            continue
        for card in percept.hands[action.target_seat(percept.seat, variant)]:
            known: Cards = board.possible(card)
            new = action.clue in card.face and after_clue(card, action.clue, touched=True) != card
            if new and card.face in board.playable and not known <= board.playable:
                yield action
                break


def bots(variant: Variant) -> dict[str, Bot[HanabiPercept]]:
    """Make the bots of a variant."""
    return {
        "oracle": Bot(
            partial(oracle.decide, variant=variant),
            "Signals the card to play by its choice of clue, and evaluates every action.",
        ),
        "convention": Bot(
            partial(convention.decide, variant=variant),
            "Plays by human conventions and remembers the meaning of clues.",
        ),
        "beginner": Bot(
            partial(beginner, variant=variant),
            "Plays certain cards, gives clues about playable cards, discards the oldest card.",
        ),
        "greedy": Bot(
            partial(greedy, variant=variant),
            "Plays the likeliest card if its probability is high enough (chance).",
            {"chance": Parameter(0.6, 0.0, 1.0, above_low=True)},
        ),
        "random": RANDOM,
    }


RECIPE = Recipe(
    (
        self_play("oracle", 100),
        self_play("convention", 100),
        self_play("beginner", 100),
        self_play("greedy", 100),
    ),
    {"play": 2, "discard": 3, "reveal": 4},
)
"""The mixes and balances of the VS-Bench paper (2025), bots in place of people."""
