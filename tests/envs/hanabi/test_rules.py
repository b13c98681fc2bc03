"""The rules of Hanabi: actions, moves, figures, and percepts without hidden cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vsbench_envs import get
from vsbench_envs.canvas import encode
from vsbench_envs.hanabi.percept import new_moves
from vsbench_envs.hanabi.rules import HanabiState, from_engine_ids, load_engine
from vsbench_envs.hanabi.variant import Action, Variant, action_ids, actions
from vsbench_envs.hanabi.view import HanabiView
from vsbench_envs.seeding import stream

ID = get("hanabi").spec.ids
REPEATABLE = settings(derandomize=True, deadline=None, database=None, max_examples=20)


def do(state: HanabiState, *labels: str) -> None:
    for label in labels:
        state.apply({state.acting[0]: ID[label]})


def test_our_actions_are_the_engines(variant: Variant) -> None:
    for seed in range(5):
        game = HanabiState(seed, variant).engine_state
        for seat in range(variant.seats):
            theirs = {
                game.action_to_string(seat, number): actions(variant)[ours]
                for number, ours in from_engine_ids(variant, seat).items()
            }
            for written, action in theirs.items():
                if action.kind == "reveal":
                    further = (action.target_seat(seat, variant) - seat) % variant.seats
                    kind = "color" if action.clue in variant.colours else "rank"
                    assert written == f"(Reveal player +{further} {kind} {action.clue})"
                else:
                    assert written == f"({action.kind.title()} {action.position - 1})"


@REPEATABLE
@given(seed=st.integers(0, 2**63 - 1))
def test_no_card_is_lost_and_every_mark_is_true(variant: Variant, seed: int) -> None:
    state, rng = HanabiState(seed, variant), stream(seed)
    everything = Counter(variant.shuffled(seed))
    while state.acting:
        (seat,) = state.acting
        state.apply({seat: rng.choice(state.legal_actions(seat))})
        table = state._table
        seen = Counter(card.face for hand in table.hands for card in hand)
        for letter, height, gone in zip(
            variant.colours, table.fireworks, table.discards, strict=True
        ):
            seen.update(letter + rank for rank in variant.ranks[:height])
            seen.update(dict(zip((letter + r for r in variant.ranks), gone, strict=True)))
        assert seen <= everything
        assert seen.total() + table.deck == everything.total()
        assert all(c.face[0] in c.colours and c.face[1] in c.ranks for h in table.hands for c in h)
        assert 0 <= table.tokens <= variant.tokens
        assert 0 <= table.lives <= variant.lives
        assert state.returns[0] == state.engine_state.returns()[0]


def test_cards_are_dealt_seat_by_seat_and_drawn_in_order(
    stacked: Callable[[str], HanabiState],
) -> None:
    state = stacked("R1 R2 R3 R4 R5  Y1 Y2 Y3 Y4 Y5  G1 G2")
    do(state, "play 1", "play 2")
    assert [card.face for card in state.percept(1).hands[0]] == ["R2", "R3", "R4", "R5", "G1"]
    assert [card.face for card in state.percept(0).hands[1]] == ["Y1", "Y3", "Y4", "Y5", "G2"]


def test_a_finished_firework_gives_back_a_token(stacked: Callable[[str], HanabiState]) -> None:
    state = stacked("R1 R2 R3 R4 R5  Y1 Y2 Y3 Y4 Y5")
    for _ in range(4):
        do(state, "play 1", "reveal rank 5")
    before = state.percept(0).tokens
    do(state, "play 1")
    assert state.percept(0).fireworks == (5, 0, 0, 0, 0)
    assert (before, state.percept(0).tokens) == (4, 5)
    assert state.returns == (5.0, 5.0)


def test_the_last_life_costs_the_score_but_not_the_firework_return(
    stacked: Callable[[str], HanabiState],
) -> None:
    state = stacked("R1 R5 Y5 G5 W5  B1 B5 Y4 G4 W4")
    do(state, "play 1", "play 1", "play 1", "play 1")
    assert state.returns == (2.0, 2.0)
    do(state, "play 1")
    assert state.acting == ()
    assert state.rewards == (-2.0, -2.0)
    assert state.returns == (0.0, 0.0)
    measures = {m.name: m.extract(state.summary, (0, 1)) for m in get("hanabi").spec.measures}
    assert measures == {"return": 0.0, "firework": 2}
    assert state.events == {"plays": (1, 1), "misplays": (2, 1)}


def test_everybody_has_one_more_turn_after_the_last_card() -> None:
    state = HanabiState(4)

    def pass_time() -> None:
        discard, clue = ID["discard 1"], state.legal_actions(state.acting[0])[-1]
        state.apply({state.acting[0]: discard if state.percept(0).tokens < 8 else clue})

    while state.percept(0).deck:
        pass_time()
    drew = state.percept(0).moves[-1].seat
    assert state.acting == (1 - drew,)
    pass_time()
    assert state.acting == (drew,)
    pass_time()
    assert state.acting == ()
    assert sorted(len(hand) for hand in state.percept(0).hands) in ([4, 4], [4, 5])


def test_what_tokens_allow(stacked: Callable[[str], HanabiState]) -> None:
    state = stacked("R1 R2 R3 R4 R5  Y1 Y1 Y2 Y2 Y3")
    labels = get("hanabi").spec.labels
    assert labels(state.legal_actions(0)) == (
        *(f"play {position}" for position in range(1, 6)),
        *("reveal yellow", "reveal rank 1", "reveal rank 2", "reveal rank 3"),
    )
    for _ in range(4):
        do(state, "reveal rank 1", "reveal rank 1")
    assert labels(state.legal_actions(0)) == (
        *(f"play {position}" for position in range(1, 6)),
        *(f"discard {position}" for position in range(1, 6)),
    )


def test_moves_contain_public_information(stacked: Callable[[str], HanabiState]) -> None:
    state = stacked("R1 R2 R3 R4 R5  Y1 Y1 Y2 Y2 Y3")
    do(state, "reveal rank 2", "discard 3")
    one, two = state.percept(0).moves
    assert (one.seat, one.action, one.touched) == (0, "reveal rank 2", (3, 4))
    assert (two.seat, two.action, two.card, two.result) == (1, "discard 3", "Y2", "")
    do(state, "play 2", "reveal rank 1", "reveal rank 1")
    assert [move.seat for move in state.percept(1).moves] == [1, 0, 1, 0]
    assert state.percept(1).moves[1].result == "misplayed"


def test_a_seat_sees_four_moves_or_one_of_each_seat(variant: Variant) -> None:
    state = HanabiState(0, variant)
    while state.acting and state.step < 8:
        (seat,) = state.acting
        assert state.percept(seat).moves == state._moves[-max(4, variant.seats) :]
        assert len(new_moves(state.percept(seat))) == min(state.step, variant.seats)
        state.apply({seat: state.legal_actions(seat)[-1]})


@pytest.mark.parametrize(
    ("game_id", "best"), [("hanabi", 25), ("hanabi_3p", 25), ("tiny_hanabi", 6)]
)
def test_the_best_score_is_the_engines(game_id: str, best: int) -> None:
    variant = get(game_id).view.variant
    assert variant.best == best == load_engine(variant).max_utility()


FEW_EXAMPLES = settings(derandomize=True, deadline=None, database=None, max_examples=8)


def deal_places(variant: Variant, moves: list[tuple[int, Action]], dealt: int) -> list[list[int]]:
    """The index in the deck of each card in each hand, after some moves."""
    size = variant.hand
    hands = [list(range(seat * size, (seat + 1) * size)) for seat in range(variant.seats)]
    drawn = variant.seats * size
    for seat, action in moves:
        if action.kind != "reveal":
            del hands[seat][action.position - 1]
            if drawn < dealt:
                hands[seat].append(drawn)
                drawn += 1
    return hands


@FEW_EXAMPLES
@given(seed=st.integers(0, 2**63 - 1), length=st.integers(0, 25))
def test_nothing_reveals_own_cards_or_the_deck(variant: Variant, seed: int, length: int) -> None:
    """Swap one of the seat's cards with one in the deck that fits the same marks."""
    state, rng = HanabiState(seed, variant), stream(seed)
    moves: list[tuple[int, Action]] = []
    while state.acting and len(moves) < length:
        (mover,) = state.acting
        choice = rng.choice(state.legal_actions(mover))
        moves.append((mover, actions(variant)[choice]))
        state.apply({mover: choice})

    seat, deck = length % variant.seats, list(variant.shuffled(seed))
    dealt = variant.deck - state.percept(seat).deck
    places = deal_places(variant, moves, dealt)[seat]
    swaps = [
        (here, there)
        for here, card in zip(places, state.percept(seat).hands[seat], strict=True)
        for there in range(dealt, variant.deck)
        if deck[there] != deck[here]
        and deck[there][0] in card.colours
        and deck[there][1] in card.ranks
    ]
    assume(swaps)
    here, there = rng.choice(swaps)
    deck[here], deck[there] = deck[there], deck[here]

    copied = HanabiState(seed, variant, deck)
    for mover, action in moves:
        copied.apply({mover: action_ids(variant)[action]})
    one, two, view = state.percept(seat), copied.percept(seat), HanabiView(variant)
    neighbour = (seat + 1) % variant.seats
    assert state.percept(neighbour) != copied.percept(neighbour)
    assert one == two
    assert view.describe(one) == view.describe(two)
    assert [encode(image) for image in view.draw(one)] == [encode(i) for i in view.draw(two)]
    assert state.legal_actions(seat) == copied.legal_actions(seat)
