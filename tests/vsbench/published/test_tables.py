"""The paper's tables as data: consistent, found by model names, with chance levels."""

from __future__ import annotations

import pytest

from vsbench.datasets.cards import random_guess
from vsbench.datasets.samples import load
from vsbench.datasets.sets import shipped_path
from vsbench.published.tables import (
    CHANCE_TOLERANCE,
    OTHER_SAMPLES,
    VERSIONS,
    PublishedTables,
    Version,
    _models,
    compare_chance,
    human_row,
    published,
    published_models,
    published_rows,
    random_row,
    shipped_chance,
)
from vsbench_envs.registry import BENCHMARK

ROUNDED = 0.11
"""What an overall figure may be off by, each cell being rounded to a tenth or a quarter."""

MISPRINTED = {("v1", "reasoning", "Llama-3.2-90B-Vision-Instruct")}
"""Rows whose cells do not give their overall figure; the notes of the file say so."""


@pytest.mark.parametrize("version", VERSIONS)
def test_overall_figures_follow_from_the_cells(version: Version) -> None:
    tables = published(version)
    for evaluation, rows in tables.tables.items():
        for name, cells in rows.items():
            overall, *figures = cells.mean
            mean = sum(figures) / len(figures)
            off = abs(mean - overall) > ROUNDED
            assert off == ((version, evaluation, name) in MISPRINTED), (name, mean)


def test_the_overall_is_over_our_eight_games() -> None:
    row = published().row("decision", "o3")
    assert row is not None
    assert row.stated_overall == 31.4
    # (55.8 + 15.6 + 65.0 + 61.8 + 8.6 - 0.4 + 24.0 + 16.7) / 8
    assert row.overall == pytest.approx(30.8875)
    assert set(row.means) - set(BENCHMARK) == {"knights_archers_zombies", "mpe_push"}


def test_people_and_guesses() -> None:
    assert human_row().means["hanabi"] == 72.9
    assert human_row().overall == pytest.approx(65.0875)
    assert random_row("decision").overall == 0
    assert random_row("reasoning").means["hanabi"] == 8.8


def test_deviations_are_of_the_first_version() -> None:
    row = published("v1").row("decision", "claude-3-7-sonnet")
    assert row is not None
    assert row.deviations["kuhn_poker"] == 22.7
    assert row.overall == pytest.approx(row.stated_overall, abs=ROUNDED)


@pytest.mark.parametrize(
    ("model", "thinking", "rows"),
    [
        ("openai/o3", None, ["o3"]),
        ("openai/o3-2025-04-16", True, ["o3"]),
        ("openai/o3-mini", None, []),
        ("openai/o4-mini", None, ["o4-mini"]),
        ("openai/gpt-4.1", None, ["gpt-4.1"]),
        ("openai/gpt-4.1-2025-04-14", False, ["gpt-4.1"]),
        ("openai/gpt-4.1-mini", None, []),
        (
            "anthropic/claude-3-7-sonnet-20250219",
            None,
            ["claude-3-7-sonnet", "claude-3-7-no-thinking"],
        ),
        ("anthropic/claude-3-7-sonnet-latest", True, ["claude-3-7-sonnet"]),
        (
            "openai-api/https://openrouter.ai/api/v1#anthropic/claude-3.7-sonnet",
            False,
            ["claude-3-7-no-thinking"],
        ),
        (
            "openai-api/https://openrouter.ai/api/v1#google/gemini-2.5-pro",
            None,
            ["gemini-2.5-pro"],
        ),
        ("openai-api/http://h/v1#gemini-2.5-flash", True, ["gemini-2.5-flash"]),
        ("openai-api/http://h/v1#gemini-2.5-flash", False, ["gemini-2.5-no-thinking"]),
        ("openai-api/http://h/v1#gemini-2.5-flash-lite", None, []),
        ("hf/Qwen/Qwen2.5-VL-72B-Instruct", None, ["Qwen2.5-VL-72B"]),
        ("hf/Qwen/Qwen2.5-VL-7B-Instruct", None, []),
        ("hf/OpenGVLab/InternVL3-78B", None, ["InternVL3-78B"]),
        ("hf/meta-llama/Llama-3.2-90B-Vision-Instruct", None, ["Llama-3.2-90B"]),
        ("openai-api/http://h/v1#grok-2-vision-1212", None, ["grok-2-vision"]),
        ("openai-api/http://h/v1#doubao-1-5-vision-pro-32k", None, ["doubao-1-5-vision-pro"]),
        ("sighted/oracle", None, []),
        ("bot/random", None, []),
    ],
)
def test_models_are_found_by_their_api_names(
    model: str, thinking: bool | None, rows: list[str]
) -> None:
    found = published_rows("decision", model, thinking)
    assert [row.name for _, row in found] == rows


def test_every_row_is_a_model_that_can_be_found() -> None:
    named = {(version, row) for entry in _models() for version, row in entry.rows.items()}
    printed = {
        (version, name)
        for version in VERSIONS
        for rows in published(version).tables.values()
        for name in rows
        if name not in ("human", "random")
    }
    assert named == printed
    assert published_models("nobody/knows-this") == []


def test_a_row_that_misses_a_cell_is_refused() -> None:
    data = published().model_dump(mode="json")
    data["tables"]["decision"]["o3"]["mean"].pop()
    with pytest.raises(ValueError, match="decision, o3: a cell is missing"):
        PublishedTables.model_validate(data)


SLOW = "atari_pong"
"""Takes long to replay; its options are its three actions everywhere."""


@pytest.mark.parametrize("env", [env for env in BENCHMARK if env != SLOW])
def test_the_recorded_levels_are_those_of_the_shipped_sets(env: str) -> None:
    recorded = shipped_chance(env)
    assert recorded == pytest.approx(100 * random_guess(load(shipped_path(env))), abs=0.005)


@pytest.mark.parametrize("env", BENCHMARK)
def test_a_level_that_is_not_the_papers_has_a_reason(env: str) -> None:
    ours = shipped_chance(env)
    assert ours is not None
    found = compare_chance(env, ours)
    assert found.paper == random_row("reasoning").means[env]
    assert (found.reason is not None) == (abs(ours - found.paper) > CHANCE_TOLERANCE)
    assert found.reason != OTHER_SAMPLES


def test_other_samples_have_other_levels() -> None:
    assert compare_chance("kuhn_poker", 58.0).reason == OTHER_SAMPLES
    assert compare_chance("kuhn_poker", 50.2).reason is None


def test_games_that_are_not_in_the_paper() -> None:
    found = compare_chance("coin_dilemma_3p", 20.0)
    assert (found.paper, found.reason) == (None, None)
    assert shipped_chance("coin_dilemma_3p") is None
