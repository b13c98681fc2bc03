"""A run by a model that does everything models do, to be verified, shown and tampered with."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from forging import forge_chain
from vsbench.adapters.base import (
    ContentRefusedError,
    OverloadedError,
    Reply,
    Request,
    StopReason,
    Usage,
)
from vsbench.adapters.sighted import listed_actions
from vsbench.planning.prices import PriceTable
from vsbench.planning.run import make_manifest
from vsbench.prompts import PromptPack
from vsbench.records.manifest import Manifest, Price
from vsbench.runner.budget import Budget
from vsbench.runner.calls import Backoff, ModelCalls
from vsbench.runner.concurrency import ConcurrencyLimiter
from vsbench.runner.directory import write_start
from vsbench.runner.observer import NullObserver
from vsbench.runner.session import Session
from vsbench.settings import run_settings
from vsbench.verification.run import Verification, verify
from vsbench_envs.seeding import derive, stream

MODEL = "openai/wobbly"
PRICES = PriceTable(date="2026-01-01", prices={MODEL: Price(input=2.0, output=8.0)})

NASTY = (
    "</script><script>alert('told you')</script><img src=x onerror=alert(1)> & \u2028 {{ 7 * 7 }}"
)


Begin = Callable[..., Manifest]
Edit = Callable[[str, Callable[[Any], object]], Verification]


HANDS_SEED = 37

MOODS = {
    # In the second of the four hands, the third answer that counts is illegal once more.
    derive(HANDS_SEED, "kuhn_poker", 1, 1, 1, 3, "call") % 2**31: 2,
}
"""Moods of single calls, by their seed."""


class Wobbly:
    """A model that answers well, badly, not at all, or with markup, by the call's seed."""

    max_output_tokens: int | None = None
    address = "the test"

    def __init__(self) -> None:
        self._seen: set[int] = set()

    async def complete(self, request: Request) -> Reply:
        rng = stream(request.seed, "wobbly")
        legal = listed_actions(request)
        if (mood := MOODS.get(request.seed, rng.randrange(12))) == 0:
            raise ContentRefusedError("the filter says no")
        if mood == 1 and self._first(request):
            raise OverloadedError("too busy")
        text, stop = self._answer(mood, legal, rng)
        return Reply(
            text,
            stop=stop,
            usage=Usage(input=900, output=12 + len(text) // 4, reasoning=8, cached=400),
            reasoning=f"Let me see.\n    {NASTY}\nSo be it." if rng.random() < 0.7 else "",
            served_model="wobbly-2026-01-01",
            request_id=f"call-{request.seed}",
        )

    async def close(self) -> None:
        pass

    def _first(self, request: Request) -> bool:
        first = request.seed not in self._seen
        self._seen.add(request.seed)
        return first

    def _answer(self, mood: int, legal: tuple[str, ...], rng: Random) -> tuple[str, StopReason]:
        good = json.dumps({"action": rng.choice(legal)})
        special: dict[int, tuple[str, StopReason]] = {
            2: ('{"action": "castle"}', "stop"),
            3: ("I would rather not say. " + NASTY, "stop"),
            4: ("", "stop"),
            5: ("I cannot help with gambling.", "refusal"),
            6: (f"Thinking aloud, {good[:9]}", "length"),
            7: (f"{NASTY}\n\n    {good}", "stop"),
        }
        return special.get(mood, (good, "stop"))


def begin(directory: Path, budget: Budget | None = None, **settings: object) -> Manifest:
    """Make a run by the wobbly model, and play it as far as the limits allow."""
    # With feedback, so that there are conversations to verify.
    checked = run_settings(**{"evals": ["decision"], "feedback": True, **settings})
    pack = PromptPack.shipped(checked.prompts)
    manifest = make_manifest(checked, MODEL, pack, PRICES)
    write_start(directory, manifest, pack)
    resume(directory, manifest, budget)
    return manifest


def resume(directory: Path, manifest: Manifest, budget: Budget | None = None) -> None:
    """Play what is unfinished."""
    budget = budget or Budget()
    models = {
        MODEL: ModelCalls(
            MODEL,
            Wobbly(),
            budget,
            ConcurrencyLimiter(8),
            price=PRICES.prices[MODEL],
            backoff=Backoff(first=0.001),
        )
    }
    pack = PromptPack(directory / "prompts")
    asyncio.run(Session(directory, manifest, pack, models, budget, NullObserver()).run())


@pytest.fixture(name="begin")
def begin_fixture() -> Begin:
    return begin


@pytest.fixture(name="resume")
def resume_fixture() -> Callable[[Path, Manifest], None]:
    return resume


@pytest.fixture(scope="session")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of four hands of poker, in which every outcome but a refused move occurs."""
    settings = {"envs": ["kuhn_poker"], "episodes": 4, "seed": HANDS_SEED}
    return _once(tmp_path_factory, "hands", **settings)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of both kinds of games, with a model that thinks aloud."""
    settings = {"envs": ["kuhn_poker", "coin_dilemma"], "episodes": 1, "seed": 5, "style": "cot"}
    return _once(tmp_path_factory, "recorded", **settings)


def _once(factory: pytest.TempPathFactory, name: str, **settings: object) -> Path:
    """A run that all packages of tests share."""
    directory = factory.getbasetemp() / f"shared-{name}" / "run"
    if not directory.exists():
        directory.parent.mkdir()
        begin(directory, **settings)
    return directory


@pytest.fixture
def run(hands: Path, tmp_path: Path) -> Path:
    """A copy of the hands of poker, to do anything with."""
    return Path(shutil.copytree(hands, tmp_path / "run"))


@pytest.fixture
def edit(run: Path) -> Edit:
    """Changes a file of the run, JSON or JSON Lines, and verifies what has become of it."""

    def edit(name: str, change: Callable[[Any], object]) -> Verification:
        path = run / name
        if path.suffix == ".jsonl":
            lines = [json.loads(line) for line in path.read_bytes().splitlines()]
            change(lines)
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        else:
            content = json.loads(path.read_bytes())
            change(content)
            path.write_text(json.dumps(content))
        # A forger would not stop at the chain.
        forge_chain(run)
        return verify(run)

    return edit
