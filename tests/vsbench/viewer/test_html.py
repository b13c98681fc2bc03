"""The HTML page: complete, self-contained, and deaf to what models write."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from vsbench.errors import UsageError
from vsbench.messages import Text
from vsbench.reconstruction.episode import open_episode
from vsbench.records.files import UnitKey
from vsbench.records.manifest import Manifest
from vsbench.runner.budget import Budget
from vsbench.viewer.html import html

Begin = Callable[..., Manifest]

COIN = UnitKey("decision", "coin_dilemma", 0)
KUHN = UnitKey("decision", "kuhn_poker", 0)


class Page(HTMLParser):
    """What a browser finds in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open = ""
        self.inside: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open = tag
        self.tags.append((tag, dict(attrs)))
        self.inside.setdefault(tag, []).append("")

    def handle_data(self, data: str) -> None:
        if self.open:
            self.inside[self.open][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.open = ""

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def script(self) -> Any:
        return json.loads(self.inside["script"][0])


@pytest.fixture(scope="module")
def text(recorded: Path) -> str:
    return html(recorded, COIN)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_the_page_tells_the_whole_episode(page: Page, recorded: Path) -> None:
    script = page.script
    pictures, texts = script["pictures"], script["texts"]
    moments = list(open_episode(recorded, COIN).moments())
    assert len(script["moments"]) == len(moments) == 51
    for told, moment in zip(script["moments"], moments, strict=True):
        for shown, seat in zip(told["seats"], moment.seats, strict=True):
            urls = [pictures[number] for number in shown["pictures"]]
            assert [b64decode(url.partition(",")[2]) for url in urls] == list(seat.pictures)
            assert texts[shown["text"]] == seat.text
            assert shown["move"] == seat.move
            replies = [texts[question["reply"]] for question in shown["exchanges"]]
            assert replies == [attempt.reply for attempt in seat.attempts]
            for question, asked in zip(shown["exchanges"], seat.exchanges(), strict=True):
                parts = [part for message in question["messages"] for part in message["parts"]]
                said = [texts[part["text"]] for part in parts if "text" in part]
                given = [part for message in asked.messages for part in message.parts]
                assert said == [part.text for part in given if isinstance(part, Text)]
        if moment.played:
            assert told["rewards"] == list(moment.played.rewards)


def test_pictures_and_texts_are_there_once(page: Page, text: str, recorded: Path) -> None:
    for table in (page.script["pictures"], page.script["texts"]):
        assert len(table) == len(set(table))
    moments = open_episode(recorded, COIN).moments()
    drawn = {png for moment in moments for seat in moment.seats for png in seat.pictures}
    assert text.count("data:image/png") == len(page.script["pictures"]) == len(drawn) > 60
    assert text.count("A table of events counts") == 2  # Once for each seat.
    assert len(text) < len(drawn) * 48_000


def test_what_models_write_is_never_markup(page: Page, text: str) -> None:
    assert any("<script>alert" in told for told in page.script["texts"])
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert not page.attributes("img")
    assert not [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]


def test_names_are_escaped_too(run: Path) -> None:
    manifest = json.loads((run / "run.json").read_bytes())
    spelling = json.dumps(manifest).replace("openai/wobbly", "openai/<b onclick=x>&'")
    (run / "run.json").write_text(spelling)
    page = Page(html(run, KUHN))
    assert not page.attributes("b")
    assert "openai/<b onclick=x>&'" in page.inside["title"][0]


def test_nothing_else_may_run_or_be_loaded(page: Page) -> None:
    (policy,) = [
        attributes["content"]
        for attributes in page.attributes("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for directive, source in (
        ("style-src", page.inside["style"][0]),
        ("script-src", page.inside["script"][1]),
    ):
        digest = b64encode(sha256(source.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    addresses = [attributes.get("src") or attributes.get("href") for _, attributes in page.tags]
    assert set(filter(None, addresses)) == {"data:,"}
    program = page.inside["script"][1]
    assert "innerHTML" not in program
    assert "fetch(" not in program


def test_the_head_says_what_was_played(page: Page, recorded: Path) -> None:
    text = " ".join(text for texts in page.inside.values() for text in texts)
    opened = open_episode(recorded, COIN).transcript.opened
    for told in ("Coin Dilemma", "openai/wobbly", "the red player", str(opened.seed), "Pillow"):
        assert told.lower() in text.lower()


def test_an_unfinished_episode_has_a_page(tmp_path: Path, begin: Begin) -> None:
    begin(tmp_path / "run", Budget(max_tokens=20_000), envs=["coin_dilemma"], episodes=1)
    text = html(tmp_path / "run", COIN)
    assert "unfinished" in text
    assert not Page(text).script["finished"]


def test_prompts_that_were_changed_are_not_shown(run: Path) -> None:
    (run / "prompts/kuhn_poker/v1/_rules.j2").write_text("other rules")
    first = Page(html(run, KUHN)).script["moments"][0]["seats"][0]["exchanges"][0]
    assert first["messages"] == []


def test_moves_that_cannot_be_played_are_told(run: Path) -> None:
    path = KUHN.path(run)
    path.write_text(path.read_text().replace('"moves":{"0":"pass"}', '"moves":{"0":"castle"}'))
    with pytest.raises(UsageError, match=r"cannot be replayed.*castle"):
        html(run, KUHN)


def test_the_program_finds_its_elements(page: Page) -> None:
    wanted = set(re.findall(r'byId\("(\w+)"\)', page.inside["script"][1]))
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {"seats", "scrubber", "play", "position"} <= wanted <= ids
    classes = {f".{outcome} {{ --tone" for outcome in ("ok", "illegal", "unparsable", "refused")}
    assert all(name in page.inside["style"][0] for name in classes)
