"""The catalogue matches the games, and the committed copy is up to date."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vsbench_envs import catalogue, get, registry
from vsbench_envs.catalogue import original, rules, table

ROOT = Path(__file__).parents[2]
RENEW = "make catalogue renews it"


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "envs" / catalogue.PAGE).read_text("utf-8") == catalogue.page(), RENEW


@pytest.mark.parametrize("name", registry.GAMES)
def test_the_pictures_are_up_to_date(name: str) -> None:
    with Image.open(ROOT / "envs" / catalogue.PICTURES / f"{name}.png") as committed:
        pixels = np.asarray(committed.convert("RGB"))
    assert np.array_equal(pixels, np.asarray(catalogue.picture(get(name)).convert("RGB"))), RENEW


def test_there_are_no_other_pictures() -> None:
    names = {path.stem for path in (ROOT / "envs" / catalogue.PICTURES).iterdir()}
    assert names == set(registry.GAMES), RENEW


def test_the_front_page_shows_the_benchmark() -> None:
    shown = re.findall(r"\(envs/pictures/(\w+)\.png\)", (ROOT / "README.md").read_text("utf-8"))
    assert set(registry.BENCHMARK) <= set(shown)


def test_links_lead_somewhere() -> None:
    page = catalogue.page()
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    fragments = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}
    linked = re.findall(r"\]\(#([^)]+)\)", page)
    assert len(linked) >= len(headings)
    assert set(linked) <= fragments


@pytest.mark.parametrize("name", registry.names())
def test_an_entry_names_every_fact(name: str) -> None:
    game, entry = get(name), catalogue.entry(get(name))
    spec = game.spec
    facts = [spec.title, spec.id, *spec.roles, *spec.events, *spec.personas, *game.bots]
    facts += [measure.name for measure in spec.measures] + [spec.actions[0], spec.actions[-1]]
    assert [fact for fact in facts if fact not in entry] == []
    assert rules(name) in entry


def test_variants_share_the_rules_of_their_original() -> None:
    assert original("kuhn_poker") == "kuhn_poker"
    assert original("coin_dilemma_3p") == "coin_dilemma"
    page = catalogue.page()
    headline = rules("coin_dilemma").splitlines()[0]
    assert page.count(headline) == 1
    assert "The rules are those of [Coin Dilemma](#coin-dilemma)." in page


def test_tables_keep_their_columns() -> None:
    written = table(("a", "b"), [("x | y", "z")])
    assert written.splitlines() == ["| a | b |", "| --- | --- |", r"| x \| y | z |"]
