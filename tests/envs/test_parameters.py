"""Options of bots, as they are written: ``name:option=value,option=value``."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from vsbench_envs import get, registry
from vsbench_envs.errors import UnknownNameError
from vsbench_envs.parameters import Parameter


@pytest.mark.parametrize(
    ("env", "written", "problem"),
    [
        ("breakthrough", "mcts:simulations=1000000000", "a whole number from 1 to 1000"),
        ("breakthrough", "alphabeta:depth=40", "a whole number from 1 to 7"),
        ("breakthrough", "alphabeta:depth=2.0", "a whole number from 1 to 7"),
        ("breakthrough", "alphabeta:depth=" + "9" * 5000, "a whole number from 1 to 7"),
        ("kuhn_poker", "equilibrium:alpha=1e-10000000", "a number or fraction from 0 to 1/3"),
        ("kuhn_poker", "equilibrium:alpha=1/0", "a number or fraction from 0 to 1/3"),
        (
            "kuhn_poker",
            "equilibrium:alpha=" + "1" * 5000 + "/3",
            "a number or fraction from 0 to 1/3",
        ),
        ("hanabi", "greedy:chance=0", "a number above 0 up to 1"),
        ("breakthrough", "mcts:c=1,simulations=5,c=2", "c is given twice"),
        ("breakthrough", "alphabeta:", "alphabeta:option=value,..., and 'nothing' is none"),
        ("breakthrough", "alphabeta:depth", "and 'depth' is none"),
        ("breakthrough", "alphabeta:depth=", "and 'depth=' is none"),
        ("breakthrough", "alphabeta:=3", "and '=3' is none"),
        ("breakthrough", "mcts:c=1,,simulations=5", "and 'nothing' is none"),
        ("breakthrough", "alphabeta:" + "depth=3," * 100_000, "depth is given twice"),
    ],
)
def test_what_is_wrong_with_an_option_is_told(env: str, written: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)) as error:
        registry.bot(get(env), written)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("alphabeta:dept=3", "Did you mean 'depth'?"),
        ("greedy:depth=3", "Known: none."),
        ("x" * 10**6, "Known: oracle, alphabeta"),
        ("alphabeta:" + "x" * 10**6 + "=1", "Known: depth."),
    ],
)
def test_unknown_names_are_told_in_short(written: str, problem: str) -> None:
    with pytest.raises(UnknownNameError, match=re.escape(problem)) as error:
        registry.bot(get("breakthrough"), written)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (Parameter(5, -1, 7), "+3", 3),
        (Parameter(5, -1, 7), "-1", -1),
        (Parameter(0.5, 0.0, 1.0), ".25", 0.25),
        (Parameter(0.5, 0.0, 1.0), "1", 1.0),
        (Parameter(0.5, 0.0, 1.0), "5e-2", 0.05),
        (Parameter(Fraction(0), Fraction(0), Fraction(1)), "0.25", Fraction(1, 4)),
        (Parameter(Fraction(0), Fraction(0), Fraction(1)), "2/6", Fraction(1, 3)),
    ],
)
def test_values(parameter: Parameter[Any], text: str, value: object) -> None:
    read = parameter.parse(text)
    assert read == value
    assert type(read) is type(parameter.default)


def test_a_default_is_in_its_own_range() -> None:
    with pytest.raises(ValueError, match="the default 9 is not 1 to 7"):
        Parameter(9, 1, 7)
    with pytest.raises(TypeError, match="not bool"):
        Parameter(True, False, True)
