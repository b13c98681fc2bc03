import pytest

from vsbench_envs.overcooked.layout import LAYOUTS, Layout


def test_the_benchmarks_kitchen() -> None:
    room = LAYOUTS["cramped_room"]
    assert room.size == (5, 4)
    assert len(room.tiles) == 20
    assert room.starts == ((1, 2), (3, 1))
    assert room.pots == ((2, 0),)
    assert room.counters == ((1, 0), (3, 0), (0, 2), (4, 2), (2, 3))
    assert len(room.floor) == 6


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_kitchens_have_all_that_a_soup_needs(layout: Layout) -> None:
    assert all(layout.places(tile) for tile in "PODS")
    assert set(layout.starts) <= set(layout.floor)


def test_cells_are_named_as_on_a_chessboard() -> None:
    labels = LAYOUTS["cramped_room"].labels
    assert labels[0, 3] == "a1"
    assert labels[4, 0] == "e4"
    assert len(set(labels.values())) == 20


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (("XXXX", "X12X", "XXX"), "differ in length"),
        (("XXXX", "X1?X", "XXXX"), "unknown cells"),
        (("XXXX", "X1 X", "XXXX"), "one chef 2"),
        (("XXXXX", "X122X", "XXXXX"), "one chef 2"),
        (("XXXX", "X12 ", "XXXX"), "open at its edge"),
    ],
)
def test_bad_drawings_are_refused(rows: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Layout("bad", rows)
