"""Players without conventions, who take every clue for no more than it says."""

from __future__ import annotations

from collections.abc import Iterator

from vsbench_envs.game import Turn
from vsbench_envs.hanabi.actions import Action, actions, ids
from vsbench_envs.hanabi.knowledge import Board, Cards, board_of, mean, own_cards, told, unseen
from vsbench_envs.hanabi.percept import HanabiPercept
from vsbench_envs.hanabi.variant import Variant


def beginner(turn: Turn[HanabiPercept], variant: Variant) -> int:
    """Careful: play what is certain, tell of playable cards, discard the oldest."""
    percept, board = turn.percept, board_of(turn.percept, variant)
    legal = [actions(variant)[action] for action in turn.legal]
    mine = own_cards(board, percept)
    for action in legal:
        if action.kind == "play" and mine[action.position - 1] <= board.playable:
            return ids(variant)[action]
    if helpful := list(_helpful(percept, board, legal)):
        return ids(variant)[helpful[0]]
    discards = [action for action in legal if action.kind == "discard"]
    useless = [a for a in discards if not mine[a.position - 1] & board.useful]
    reveals = [action for action in legal if action.kind == "reveal"]
    chosen = (useless or discards)[0] if discards else turn.rng.choice(reveals)
    return ids(variant)[chosen]


def greedy(turn: Turn[HanabiPercept], variant: Variant, chance: float) -> int:
    """Bold: play the likeliest card if it is likely enough, else tell, else discard any."""
    percept, board = turn.percept, board_of(turn.percept, variant)
    legal = [actions(variant)[action] for action in turn.legal]
    left, mine = unseen(board, percept), own_cards(board, percept)
    fits = {card: card in board.playable for card in left}

    def likely(action: Action) -> float:
        return mean(mine[action.position - 1], fits, left)

    best = max((action for action in legal if action.kind == "play"), key=likely)
    if likely(best) >= chance:
        return ids(variant)[best]
    choices = list(_helpful(percept, board, legal))
    choices = choices or [action for action in legal if action.kind == "discard"]
    choices = choices or [action for action in legal if action.kind == "reveal"]
    return ids(variant)[turn.rng.choice(choices)]


def _helpful(percept: HanabiPercept, board: Board, legal: list[Action]) -> Iterator[Action]:
    """Clues that tell something new about a playable card whose holder does not know it yet."""
    variant = board.variant
    for action in legal:
        if action.kind != "reveal":
            continue
        for card in percept.hands[action.aimed(percept.seat, variant)]:
            known: Cards = board.possible(card)
            new = action.clue in card.face and told(card, action.clue, touched=True) != card
            if new and card.face in board.playable and not known <= board.playable:
                yield action
                break
