"""Choices that cost most: their order, and how answers are put into words."""

from vsbench.records.comparison import ChoicePair
from vsbench.records.journal import SampleOpened, Verdict
from vsbench.scoring.choices import Replays, worse_answers, worst
from vsbench.scoring.results import Judged

REPLAYS = Replays("runs/a b", "base-"), Replays("runs/c", "new-")


def judged(number: int, credit: float, **verdict: object) -> Judged:
    opened = SampleOpened(env="hanabi", sample=number, dataset="ab", player="openai/gpt-4o", seat=1)
    plain = Verdict(outcome="ok", answer=None, credit=credit)
    return Judged(opened, plain.model_copy(update=verdict))


def test_samples_that_were_answered_worse_are_found() -> None:
    misread = {f"card {n}": ("red 1", "" if n else "blue 2") for n in range(5)}
    base = {n: judged(n, credit) for n, credit in enumerate((1.0, 0.5, 0.2, 1.0))}
    new = {0: judged(0, 1.0), 1: judged(1, 0.25, misread=misread), 2: judged(2, 0.9)}
    (pair,) = worse_answers("perception", "hanabi", base, new, REPLAYS)
    assert (pair.number, pair.step, pair.seat, pair.difference) == (1, None, 1, -25.0)
    assert pair.base.action == ""
    (other,) = worse_answers("perception", "hanabi", {1: base[0]}, {1: new[1]}, REPLAYS)
    assert other.base.action == "all elements right"
    assert pair.new.action == (
        "card 0 read as blue 2, not red 1; card 1 read as nothing, not red 1; "
        "card 2 read as nothing, not red 1; 2 more"
    )
    assert pair.base.replay == (
        "vsbench replay 'runs/a b' --html perception/hanabi/1 --to base-perception-hanabi-0001.html"
    )
    assert pair.new.page == "new-perception-hanabi-0001.html"


def test_predictions_are_shown_as_they_were_given() -> None:
    base = {3: judged(3, 1.0, answer="bet")}
    new = {3: judged(3, 0.0, outcome="unparsable")}
    (pair,) = worse_answers("reasoning", "hanabi", base, new, REPLAYS)
    assert (pair.base.action, pair.new.action, pair.new.outcome) == ("bet", "", "unparsable")


def test_the_worst_of_each_game_comes_before_the_second_worst_of_any() -> None:
    base, new = {3: judged(3, 1.0)}, {3: judged(3, 0.0)}
    (pair,) = worse_answers("reasoning", "hanabi", base, new, REPLAYS)

    def of(env: str, number: int, difference: float) -> ChoicePair:
        return pair.model_copy(
            update={"environment": env, "number": number, "difference": difference}
        )

    poker = [of("kuhn_poker", n, -900.0 - n) for n in range(3)]
    hanabi = [of("hanabi", n, -10.0 - n) for n in range(2)]
    found = worst([*hanabi, *poker], 4)
    assert [(each.environment, each.number) for each in found] == [
        ("kuhn_poker", 2),
        ("hanabi", 1),
        ("kuhn_poker", 1),
        ("hanabi", 0),
    ]
    assert worst(hanabi, 0) == ()
