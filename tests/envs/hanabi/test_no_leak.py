"""States that differ only in what a seat may not know look alike to it."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vsbench_envs.canvas import encode
from vsbench_envs.hanabi.rules import HanabiState
from vsbench_envs.hanabi.variant import Action, Variant, action_ids, actions
from vsbench_envs.hanabi.view import HanabiView
from vsbench_envs.seeding import stream

REPEATABLE = settings(derandomize=True, deadline=None, database=None, max_examples=8)


def deal_places(variant: Variant, moves: list[tuple[int, Action]], dealt: int) -> list[list[int]]:
    """Where in the deck each card in each hand came from, after some moves."""
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


@REPEATABLE
@given(seed=st.integers(0, 2**63 - 1), length=st.integers(0, 25))
def test_own_cards_and_the_deck_show_nowhere(variant: Variant, seed: int, length: int) -> None:
    """One of the seat's cards changes places with one in the deck that fits its marks as well."""
    state, luck = HanabiState(seed, variant), stream(seed)
    moves: list[tuple[int, Action]] = []
    while state.acting and len(moves) < length:
        (mover,) = state.acting
        choice = luck.choice(state.legal_actions(mover))
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
    here, there = luck.choice(swaps)
    deck[here], deck[there] = deck[there], deck[here]

    twin = HanabiState(seed, variant, deck)
    for mover, action in moves:
        twin.apply({mover: action_ids(variant)[action]})
    one, two, view = state.percept(seat), twin.percept(seat), HanabiView(variant)
    neighbour = (seat + 1) % variant.seats
    assert state.percept(neighbour) != twin.percept(neighbour)
    assert one == two
    assert view.describe(one) == view.describe(two)
    assert [encode(image) for image in view.draw(one)] == [encode(i) for i in view.draw(two)]
    assert state.legal_actions(seat) == twin.legal_actions(seat)
