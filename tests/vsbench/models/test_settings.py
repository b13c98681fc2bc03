"""The table of models, the settings in force, and the warnings before a run."""

import re

import pytest

from vsbench.adapters import Usage
from vsbench.adapters.registry import full_id
from vsbench.models import (
    Traits,
    call_cost,
    in_force,
    in_force_as_recorded,
    model_table,
    model_warnings,
    traits_of,
)
from vsbench.planning.prices import PriceTable, price_table
from vsbench.protocols import resolve_model_settings
from vsbench.records.manifest import Price
from vsbench.runner import runs
from vsbench.settings import RunSettings

ASKING = resolve_model_settings(RunSettings(modality="both", max_tokens=4000, detail="auto"))
PRICE = Price(input=1, output=2)


@pytest.mark.parametrize(
    ("model", "reasons", "samples", "most"),
    [
        ("gpt-4o", False, True, 16_384),
        ("openai/gpt-4o-2024-05-13", False, True, 4_096),
        ("gpt-4.1-nano", False, True, 32_768),
        ("chatgpt-4o-latest", False, True, 16_384),
        ("openai/ft:gpt-4o-2024-08-06:org::id", False, True, 16_384),
        ("gpt-5", True, False, 128_000),
        ("gpt-5.1-mini", True, False, 128_000),
        ("gpt-6.1-sol", True, False, 128_000),
        ("gpt-5-chat-latest", False, True, 16_384),
        ("o1", True, False, 100_000),
        ("openai-api/http://host/v1#openai/o4-mini", True, False, 100_000),
        ("anthropic/claude-haiku-4-5-20251001", True, True, 64_000),
        ("openai-api/https://host/v1#google/gemini-2.5-pro", True, True, 65_536),
        ("hf/Qwen/Qwen2.5-VL-7B-Instruct", False, True, None),
        ("openai-api/http://host/v1#olmo-2", None, True, None),
    ],
)
def test_families(model: str, reasons: bool | None, samples: bool, most: int | None) -> None:
    traits = traits_of(model)
    assert (traits.reasons, traits.samples, traits.max_output) == (reasons, samples, most)


@pytest.mark.parametrize(
    ("models", "thinking"),
    [
        (("gpt-4o", "gpt-4.1-mini", "gpt-5.1-chat-latest", "gpt-3.5-turbo"), "never"),
        (("o1", "o4-mini", "gpt-5", "gpt-5-nano", "gpt-5-pro", "gpt-6-astra"), "always"),
        (("gpt-5.1-codex-max", "gpt-5.2-pro", "gpt-5.3-codex", "gpt-5.5-pro"), "always"),
        (("gpt-5.1", "gpt-5.1-2025-11-13", "gpt-5.2", "gpt-5.4-mini", "gpt-6-sol"), "switch"),
        (("claude-3-opus-20240229", "claude-3-5-sonnet-latest", "claude-3.5-haiku"), "never"),
        (("claude-3-7-sonnet-latest", "claude-3.7-sonnet", "claude-opus-4-1"), "switch"),
        (("claude-sonnet-4-20250514", "claude-opus-4.5", "claude-opus-5"), "switch"),
        (("claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-4-7"), "switch"),
        (("claude-opus-5-5", "claude-opus-5.5", "claude-fable-5-1", "claude-mythos-5"), "always"),
        (("gemini-1.5-pro", "gemini-2.0-flash"), "never"),
        (("gemini-2.5-flash", "gemini-2.5-flash-lite"), "switch"),
        (("gemini-2.5-pro", "gemini-3-pro-preview", "gemini-3.5-flash"), "always"),
        (("Qwen2.5-VL-7B-Instruct", "qwen-vl-max", "Qwen3-VL-8B-Instruct"), "never"),
        (("qwen3-vl-plus", "Qwen3.5-9B", "qwen3.6-flash"), "switch"),
        (("Qwen3-VL-8B-Thinking", "qvq-max", "QVQ-72B-Preview"), "always"),
        (("GLM-4.5V", "glm-4.6v", "kimi-k2.5", "gemma-4-31b-it", "grok-4.3"), "switch"),
        (("GLM-4.1V-9B-Thinking", "Kimi-VL-A3B-Thinking-2506", "grok-4-0709"), "always"),
        (("InternVL3-8B", "gemma-3-27b-it", "Kimi-VL-A3B-Instruct"), "never"),
        (("grok-4-fast-non-reasoning", "Llama-4-Scout-17B", "pixtral-12b"), "never"),
        (("grok-4-1-fast-reasoning", "doubao-1-5-thinking-pro-250415"), "always"),
        (("doubao-1.5-thinking-vision-pro", "doubao-seed-1-6-vision-250815"), "switch"),
        (("claude-sonnet-7", "gemini-exp", "grok-4-fast", "InternVL3_5-8B", "mine"), None),
    ],
)
def test_who_thinks(models: tuple[str, ...], thinking: str | None) -> None:
    for model in models:
        assert traits_of(model).thinking == thinking, model
        reasons = {"never": False, "always": True, "switch": True, None: None}
        assert traits_of(f"hf/maker/{model}").reasons is reasons[thinking]


@pytest.mark.parametrize(
    ("model", "thinking", "given", "expected"),
    [
        # Thinking, tokens for it, tokens in all, how far they are raised.
        ("openai/gpt-5.1", None, {}, ("on", 16_000, 24_000, 128_000)),
        ("openai/gpt-5.1", "on", {}, ("on", 16_000, 24_000, 128_000)),
        ("openai/gpt-5.1", "off", {}, ("off", None, 8_000, 128_000)),
        ("openai/gpt-5.1", "on", {"can_switch": False}, ("unknown", None, 8_000, 128_000)),
        ("openai/gpt-5.1", "off", {"reasoning_effort": "low"}, ("on", 16_000, 24_000, 128_000)),
        ("openai/gpt-5.1", "on", {"reasoning_effort": "none"}, ("off", None, 8_000, 128_000)),
        ("openai/gpt-5.1", None, {"reasoning_effort": "3000"}, ("on", 3_000, 11_000, 128_000)),
        ("openai/o3", None, {}, ("always", 16_000, 24_000, 100_000)),
        ("openai/o3", "off", {"can_switch": False}, ("always", 16_000, 24_000, 100_000)),
        ("openai/o3", None, {"reasoning_effort": "none"}, ("always", 16_000, 24_000, 100_000)),
        ("openai/gpt-4o", "on", {}, ("never", None, 8_000, 16_384)),
        ("openai/gpt-4o", None, {"reasoning_effort": "high"}, ("never", None, 8_000, 16_384)),
        ("openai/gpt-4-turbo", None, {}, ("never", None, 4_096, 4_096)),
        ("anthropic/claude-opus-4-1", None, {}, ("on", 16_000, 24_000, 32_000)),
        (
            "anthropic/claude-opus-4-1",
            None,
            {"thinking_tokens": 30_000},
            ("on", 24_000, 32_000, 32_000),
        ),
        (
            "anthropic/claude-opus-4-1",
            None,
            {"answer_tokens": 40_000},
            ("on", None, 32_000, 32_000),
        ),
        ("openai/o3", None, {"max_tokens_limit": 30_000}, ("always", 16_000, 24_000, 30_000)),
        ("openai/o3", None, {"max_tokens_limit": 1_000}, ("always", 16_000, 24_000, 24_000)),
        ("hf/some/model", None, {}, ("unknown", None, 8_000, 65_536)),
        ("hf/some/model", None, {"reasoning_effort": "high"}, ("unknown", None, 8_000, 65_536)),
        ("hf/some/model", "on", {}, ("on", 16_000, 24_000, 65_536)),
        ("hf/some/model", "off", {}, ("off", None, 8_000, 65_536)),
        ("hf/some/model", "on", {"can_switch": False}, ("unknown", None, 8_000, 65_536)),
        ("hf/some/model", None, {"answer_tokens": 70_000}, ("unknown", None, 70_000, 70_000)),
        ("sighted/oracle", "on", {}, ("never", None, 8_000, 65_536)),
        ("person/terminal", None, {}, ("never", None, 8_000, 65_536)),
    ],
)
def test_what_is_in_force(model: str, thinking: str | None, given: dict, expected: tuple) -> None:
    usual = {"thinking": thinking, "answer_tokens": 8_000, "thinking_tokens": 16_000}
    can_switch = given.pop("can_switch", True)
    found = in_force(model, ASKING.model_copy(update=usual | given), can_switch=can_switch)
    assert tuple(found.model_dump().values()) == expected


def test_the_data_file_is_dated_and_sound() -> None:
    table = model_table()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", table.date)
    assert all(table.sources.values())
    assert len({line.pattern for line in table.families}) == len(table.families)
    for model, price in table.prices.items():
        assert full_id(model) == model
        assert 0 <= (price.cached or 0) <= price.input <= price.output
        assert price.input <= (price.cache_written or price.input) <= 2 * price.input
        traits = traits_of(model)
        assert traits.reasons is not None, model
        assert traits.max_output, model
        assert traits.pictures is not None, model


@pytest.mark.parametrize(
    ("model", "priced"),
    [
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("openai/gpt-4o-2024-11-20", "openai/gpt-4o"),
        ("openai/gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13"),
        ("anthropic/claude-haiku-4-5-20251001", "anthropic/claude-haiku-4-5"),
        ("openai/gpt-4o-audio-preview", None),
        ("openai-api/https://openrouter.ai/api/v1#openai/gpt-4o", None),
    ],
)
def test_a_price_is_that_of_the_seller_s_name_for_it(model: str, priced: str | None) -> None:
    table = price_table()
    assert table.of(model) == (table.prices[priced] if priced else None)


def test_dated_versions_reach_the_manifest_with_their_price() -> None:
    settings = RunSettings(models=("gpt-4o-2024-11-20",), envs=("kuhn_poker",))
    (manifest,) = runs.plan(settings)
    assert manifest.prices == {"openai/gpt-4o-2024-11-20": Price(input=2.5, output=10, cached=1.25)}


def test_what_is_written_to_a_cache_has_a_price_of_its_own() -> None:
    usage = Usage(input=1_000_000, output=100_000, cached=400_000, cache_written=500_000)
    price = Price(input=2.0, output=8.0, cached=0.5, cache_written=2.5)
    assert call_cost(usage, price) == pytest.approx(0.1 * 2 + 0.4 * 0.5 + 0.5 * 2.5 + 0.8)
    unsaid = Price(input=2.0, output=8.0, cached=0.5)
    assert call_cost(usage, unsaid) == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.8)


def test_an_own_price_comes_before_the_name_without_a_date() -> None:
    own = {"openai/gpt-4o-2024-11-20": PRICE}
    table = PriceTable(date="2026-01-01", prices=price_table().prices | own)
    assert table.of("openai/gpt-4o-2024-11-20") == PRICE
    assert table.of("openai/gpt-4o") != PRICE


def warned(
    model: str, price: Price | None = PRICE, traits: Traits | None = None, **settings: object
) -> tuple[str, ...]:
    return model_warnings(model, ASKING.model_copy(update=settings), price, traits)


@pytest.mark.parametrize(
    ("model", "settings", "part"),
    [
        ("openai/o3", {"temperature": 0.5}, "takes no temperature: 0.5 is not sent"),
        ("anthropic/claude-opus-5-5", {"temperature": 0.0}, "takes no temperature: 0"),
        (
            "anthropic/claude-opus-4-6",
            {"temperature": 0.5, "reasoning_effort": "low"},
            "no temperature while it thinks",
        ),
        ("openai/gpt-4o", {"reasoning_effort": "high"}, "does not reason: effort high"),
        ("anthropic/claude-opus-5-5", {"detail": "low"}, "one detail"),
        ("anthropic/claude-opus-4-6", {"temperature": 0.5}, "no temperature while it thinks"),
        (
            "openai/o3",
            {"reasoning_effort": "none"},
            "its provider may refuse effort none",
        ),
        ("openai/gpt-4o", {"thinking": "on"}, "does not think: --thinking on has no effect"),
        ("openai/o3", {"thinking": "off"}, "always thinks: --thinking off"),
        (
            "openai/gpt-5.1",
            {"thinking": "on", "reasoning_effort": "low"},
            "gets effort low: --thinking on has no effect",
        ),
        ("openai/o3-mini", {}, "takes no pictures: use --modality text"),
        ("openai/gpt-4o", {"answer_tokens": 20_000}, "at most 16,384 tokens"),
    ],
)
def test_a_setting_without_effect_is_told(model: str, settings: dict, part: str) -> None:
    (warning,) = warned(model, **settings)
    assert warning.startswith(model)
    assert part in warning


@pytest.mark.parametrize(
    ("limits", "part"),
    [
        ({"max_pictures": 1}, "at most 1 pictures; some games show 4"),
        ({"max_pixels": 512}, "512"),
    ],
)
def test_too_little_room_for_pictures_is_told(limits: dict, part: str) -> None:
    traits = Traits(max_output=1 << 20, **limits)
    (warning,) = warned("openai-api/http://host/v1#small", traits=traits)
    assert part in warning
    assert warned("openai-api/http://host/v1#small", traits=traits, modality="text") == ()


def test_a_model_without_a_price_is_told() -> None:
    assert warned("openai-api/http://host/v1#mine", None) == (
        "no price or limits known for openai-api/http://host/v1#mine: costs are not counted; "
        "give --prices FILE",
    )
    (known,) = warned("openai-api/http://host/v1#gpt-4o", None)
    assert known.startswith("no price known")


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("openai/gpt-4o", {"temperature": 0.5, "detail": "high", "answer_tokens": 16_384}),
        ("openai/o3", {"temperature": 1.0, "reasoning_effort": "high"}),
        ("openai/o3", {"temperature": None}),
        ("anthropic/claude-opus-4-6", {"temperature": 0.5, "reasoning_effort": "none"}),
        ("openai/o3-mini", {"modality": "text"}),
        ("anthropic/claude-opus-4-6", {"temperature": 0.5, "thinking": "off"}),
        ("openai/gpt-5.1", {"thinking": "off"}),
        ("openai/gpt-4o", {"thinking": "off"}),
        ("openai/o3", {"thinking": "on"}),
        ("sighted/oracle", {"thinking": "on"}),
    ],
)
def test_settings_that_a_model_takes_are_not_remarked_on(model: str, settings: dict) -> None:
    assert warned(model, **settings) == ()


def test_a_switch_that_only_a_person_knows_is_told() -> None:
    (warning,) = warned("hf/some/model", thinking="on")
    assert warning == ("unknown whether hf/some/model can think: assuming --thinking on works")


@pytest.mark.parametrize("model", ["sighted/oracle", "person/terminal", "hf/some/model"])
def test_models_that_send_no_bill_need_no_price(model: str) -> None:
    assert warned(model, None) == ()


@pytest.mark.parametrize("limit", [None, 500, 6_000, 100_000])
@pytest.mark.parametrize(
    "model", ["openai/gpt-4-turbo", "openai/gpt-4o", "openai/o3", "hf/x/y", "sighted/oracle"]
)
def test_what_was_in_force_follows_from_its_own_record(model: str, limit: int | None) -> None:
    settings = resolve_model_settings(RunSettings(max_tokens_limit=limit))
    found = in_force(model, settings)
    assert in_force_as_recorded(model, settings, found) == found
    fewer = found.model_copy(update={"max_tokens": found.max_tokens - 1})
    assert in_force_as_recorded(model, settings, fewer) != fewer
    if limit is not None:
        more = found.model_copy(update={"max_tokens_limit": 10**6})
        assert in_force_as_recorded(model, settings, more) != more
