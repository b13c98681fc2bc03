"""Settings: what is wrong with them is said by name."""

import pytest

from vsbench.errors import UsageError
from vsbench.settings import count_in, run_settings


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"episods": 3}, "no setting 'episods'; did you mean 'episodes'?"),
        ({"zzz": 3}, "no setting 'zzz'"),
        ({"models": 3}, "models: Input should be a name or a list of names, not 3"),
        ({"episodes": 0}, "episodes: Input should be from 1 to 10000, not 0"),
        ({"samples": {"hanabi": 99_999}}, "samples: Input should be from 1 to 10000"),
        ({"modality": "smell"}, "modality: Input should be 'image', 'text' or 'both', not 'smell'"),
        (
            {"temperature": -1.0},
            "temperature: Input should be greater than or equal to 0, "
            "or Input should be 'provider', not -1.0",
        ),
        ({"seats": {0: 5}}, "seats.0: Input should be a valid string, not 5"),
        ({"temperature": "hot"}, "temperature: Input should be a valid number"),
    ],
)
def test_what_is_wrong_is_named(settings: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError) as raised:
        run_settings(**settings)
    assert told in str(raised.value)


def test_a_number_of_tokens_to_think_within_is_a_setting() -> None:
    assert run_settings(thinking=4000).thinking == 4000
    assert run_settings(thinking="off").thinking == "off"
    with pytest.raises(UsageError):
        run_settings(thinking=0)


def test_counts_are_of_all_environments_or_of_each() -> None:
    each = run_settings(episodes={"hanabi": 20}, samples=5)
    assert count_in("hanabi", each.episodes) == 20
    assert count_in("kuhn_poker", each.episodes) is None
    assert count_in("kuhn_poker", each.samples) == 5
