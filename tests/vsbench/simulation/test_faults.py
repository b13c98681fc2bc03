"""Which calls go wrong, and how often."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsbench.simulation import FAULTS, SimulationSettings, parse_rate
from vsbench.simulation.faults import Injector
from vsbench_envs.errors import UnknownNameError

CALLS = 6000


def drawn(settings: SimulationSettings, times: int = 1) -> list[str | None]:
    injector = Injector(settings.seed, settings.fault_rates)
    faults = [injector.draw(f"{number:x}", times) for number in range(CALLS)]
    return [fault and fault.name for fault in faults]


def test_without_rates_nothing_goes_wrong() -> None:
    assert set(drawn(SimulationSettings())) == {None}


def test_faults_come_at_their_rates_of_all_calls() -> None:
    rates = {"dropped": 0.3, "server_error": 0.1, "refused": 0.2, "empty": 0.1}
    counts = Counter(drawn(SimulationSettings(rates=rates)))
    assert counts.keys() == {*rates, None}
    for name, rate in rates.items():
        # Four standard deviations.
        assert abs(counts[name] - rate * CALLS) < 4 * (rate * (1 - rate) * CALLS) ** 0.5


def test_one_rate_for_all_is_spread_evenly() -> None:
    counts = Counter(drawn(SimulationSettings(faults=0.75)))
    assert counts.keys() == {*FAULTS, None}
    for name in FAULTS:
        assert abs(counts[name] / CALLS - 0.05) < 0.012


def test_a_fault_with_a_rate_of_its_own_has_no_share_in_the_rest() -> None:
    rates = SimulationSettings(faults=0.14, rates={"stalled": 0.0, "dropped": 0.5}).fault_rates
    assert rates["stalled"] == 0.0
    assert rates["dropped"] == 0.5
    assert sum(rates.values()) == pytest.approx(0.64)


def test_seeds_differ_and_repeat() -> None:
    first = drawn(SimulationSettings(faults=0.5, seed=1))
    assert first == drawn(SimulationSettings(faults=0.5, seed=1))
    assert first != drawn(SimulationSettings(faults=0.5, seed=2))


def test_asking_again_gets_through_but_gets_the_same_answer() -> None:
    settings = SimulationSettings(faults=0.9)
    once, twice = drawn(settings, times=1), drawn(settings, times=2)

    def of(family: str, names: list[str | None]) -> set[int]:
        return {i for i, name in enumerate(names) if name and FAULTS[name].family == family}

    infrastructure = of("infrastructure", once)
    assert infrastructure - of("infrastructure", twice)
    for number in of("answer", once) - of("infrastructure", twice):
        assert twice[number] == once[number]


def test_every_call_can_go_wrong() -> None:
    assert None not in drawn(SimulationSettings(faults=1.0))
    assert set(drawn(SimulationSettings(rates={"garbled": 1.0}))) == {"garbled"}


@given(st.sampled_from(sorted(FAULTS)), st.floats(0, 1))
def test_rates_are_written_with_their_fault(name: str, rate: float) -> None:
    assert parse_rate(f"{name}={rate!r}") == (name, rate)


@pytest.mark.parametrize("text", ["empty", "empty=", "empty=much", "empty=1.5", "empty=nan"])
def test_a_rate_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"empty=0\.05"):
        parse_rate(text)


@pytest.mark.parametrize("text", ["", "emty=0.1", "=0.1"])
def test_a_fault_that_is_none(text: str) -> None:
    with pytest.raises(UnknownNameError, match="empty"):
        parse_rate(text)


@pytest.mark.parametrize(
    "values",
    [
        {"faults": 1.1},
        {"faults": -0.1},
        {"faults": float("nan")},
        {"rates": {"empty": -0.1}},
        {"rates": {"empty": 0.6, "refused": 0.6}},
        {"faults": 0.5, "rates": {"empty": 0.6}},
        {"latency": -1},
        {"jitter": float("inf")},
        {"stall": float("nan")},
        {"retry_after": -1},
        {"port": 70_000},
    ],
)
def test_settings_out_of_range(values: dict) -> None:
    with pytest.raises(ValueError, match=r"rates|negative|port"):
        SimulationSettings(**values)


def test_settings_with_a_fault_that_is_none() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'empty'"):
        SimulationSettings(rates={"emty": 0.1})
