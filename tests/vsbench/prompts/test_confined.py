"""Packs of strangers: rendered as any other, within limits, away from keys and files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vsbench.messages import Image, Message
from vsbench.prompts import (
    ConfinedPack,
    PromptError,
    PromptPack,
    UntrustedPackError,
    WorkerLimits,
    is_known,
    open_recorded,
)
from vsbench.prompts.rendering import game_facts
from vsbench_envs import get
from vsbench_prompts import QUESTIONS, root

NAME = "kuhn_poker/v1/action.j2"
MEGABYTE = 2**20
TIGHT = WorkerLimits(seconds=0.5, cpu_seconds=1, memory=200 * MEGABYTE, output=20_000)
GUARD = 20.0
"""Seconds within which a hostile template must have been dealt with, process start included."""


def context(**more: object) -> dict[str, Any]:
    return {
        "game": game_facts(get("kuhn_poker").spec),
        "seat": 0,
        "seat_name": "the first player",
        "persona": None,
        "style": "io",
        "shown": True,
        "told": True,
        "images": 1,
        "situation": "You hold the jack.",
        "facts": ("Nobody has acted yet.",),
        "legal": ("pass", "bet"),
        **more,
    }


def written(folder: Path, text: str, name: str = NAME) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def shipped() -> Iterator[ConfinedPack]:
    pack = ConfinedPack(root())
    yield pack
    pack.close()


def confined(folder: Path, template: str, limits: WorkerLimits = TIGHT) -> ConfinedPack:
    return ConfinedPack(written(folder, template), limits=limits)


@pytest.mark.parametrize("name", [f"_shared/v1/{question}.j2" for question in QUESTIONS])
def test_it_renders_what_any_pack_renders(shipped: ConfinedPack, name: str) -> None:
    given = context(elements=("pot",), target=1, target_name="the second player")
    png = b"\x89PNG..."
    assert shipped.render(name, given, [png]) == PromptPack.shipped().render(name, given, [png])


def test_values_look_the_same_on_both_sides(tmp_path: Path) -> None:
    text = "{{ role('user') }}{{ legal }} {{ game.actions[0] }} {{ legal is sequence }} {{ odd }}"
    folder = written(tmp_path, text)
    given = context(odd={"a": [1, 2.5, None, True, "é\ud800 😀"]})
    pack = ConfinedPack(folder)
    assert pack.render(NAME, given) == PromptPack(folder).render(NAME, given)
    pack.close()


def test_the_process_is_used_again(shipped: ConfinedPack) -> None:
    shipped.render("_shared/v1/action.j2", context(), [b""])
    channel = shipped._channel
    shipped.render("_shared/v1/action.j2", context(), [b""])
    assert channel is not None
    assert shipped._channel is channel


HOSTILE = {
    "a loop": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "a string doubled": (
        "{% set s = namespace(t='ab') %}{% for i in range(99) %}{% set s.t = s.t ~ s.t %}"
        "{% endfor %}"
    ),
    "a string doubled by macros": (
        "{% macro twice(s, n) %}{{ twice(s ~ s, n - 1) if n else s }}{% endmacro %}"
        "{{ twice('ab', 90) }}"
    ),
    "a string repeated": "{{ 'a' * 10**10 }}",
    "a string repeated without a constant": "{{ ('a' ~ seat) * 10**10 }}",
    "padding by format": "{{ '%9999999999d' % 1 }}",
    "padding by str.format": "{{ '{:9999999999}'.format(1) }}",
    "padding by a filter": "{{ 'a' | center(9999999999) }}",
    "a list repeated": "{{ [0] * 10**12 }}",
    "filler": "{{ lipsum(10**7) }}",
    "a power": "{{ 9**(9**9) }}",
    "a power without a constant": "{{ (seat + 9)**((seat + 9)**(seat + 9)) }}",
    "a long number": "{{ 10**4000000 }}",
    "a range": "{{ range(10**12) | list }}",
    "ranges within ranges": (
        "{% for i in range(99999) %}{% for j in range(99999) %}{{ i }}{% endfor %}{% endfor %}"
    ),
    "an endless include": "{% include 'an_endless_include.j2' %}",
    "an endless macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "much text": "{% for i in range(9999) %}many words {% endfor %}",
    "much slicing": "{{ (range(99999) | list | batch(1) | list) * 99999 }}",
    "depth": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "a mutation": "{% set _ = game.update({'title': 'x'}) %}",
    "a mutation of the ids": "{% set _ = game.ids.update({'pass': 1, 'bet': 0}) %}",
    "a way out": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a way out by attr": "{{ (game | attr('__class__')).__init__.__globals__ }}",
    "a way out by format": "{{ '{0.__class__.__init__.__globals__}'.format(game) }}",
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConfinedPack]:
    folder = tmp_path_factory.mktemp("hostile")
    for name, template in HOSTILE.items():
        written(folder, "{{ role('user') }}" + template, hostile_name(name))
    pack = ConfinedPack(folder, limits=TIGHT)
    yield pack
    pack.close()


def hostile_name(name: str) -> str:
    return f"{name.replace(' ', '_')}.j2"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_templates_end_in_a_message(hostile: ConfinedPack, name: str) -> None:
    begun = time.monotonic()
    with pytest.raises(PromptError, match=f"^prompt template {hostile_name(name)}") as error:
        hostile.render(hostile_name(name), context())
    assert time.monotonic() - begun < GUARD
    assert len(str(error.value)) < 1000


@pytest.mark.parametrize(
    ("template", "limit"),
    [
        (HOSTILE["a loop"], r"limit of (0\.5|1) s"),
        ("{{ 'a' * (seat + 1) * 10**9 }}", "200 MB of memory"),
        (HOSTILE["much text"], "20,000 characters"),
    ],
)
def test_the_limit_is_named_and_the_pack_lives_on(
    tmp_path: Path, template: str, limit: str
) -> None:
    pack = confined(tmp_path, "{{ role('user') }}{% if told %}" + template + "{% endif %}fine")
    with pytest.raises(PromptError, match=limit):
        pack.render(NAME, context())
    assert pack.render(NAME, context(told=False))[0].text == "fine"
    pack.close()


def test_a_pack_that_breaks_limits_again_and_again_is_given_up(tmp_path: Path) -> None:
    limits = WorkerLimits(seconds=0.2, patience=0.05)
    pack = confined(tmp_path, "{{ role('user') }}" + HOSTILE["a loop"], limits)
    with pytest.raises(PromptError, match=r"limit of 0\.2 s"):
        pack.render(NAME, context())
    with pytest.raises(PromptError, match="longer than allowed"):
        pack.render(NAME, context())
    assert pack._channel is None
    pack.close()


def test_control_characters_of_a_template_do_not_reach_the_terminal(tmp_path: Path) -> None:
    pack = confined(tmp_path, "{{ {}['\x1b[2J' ~ '\\x1b[31mall agrees\\n'] }}")
    with pytest.raises(PromptError) as error:
        pack.render(NAME, context())
    assert str(error.value).isprintable()
    pack.close()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
def test_the_process_is_told_no_secrets_and_may_not_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    pack = confined(tmp_path, "{{ role('user') }}fine", WorkerLimits())
    pack.render(NAME, context())
    assert pack._channel is not None
    place = Path(f"/proc/{pack._channel.pid}")
    assert b"sk-secret" not in (place / "environ").read_bytes()
    limits = (place / "limits").read_text()
    assert f"Max address space         {512 * MEGABYTE}" in limits
    assert "Max file size             0" in limits
    pack.close()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
@pytest.mark.parametrize("template", ["fine", HOSTILE["a loop"]])
def test_the_process_ends_with_its_parent(tmp_path: Path, template: str) -> None:
    folder = written(tmp_path, "{{ role('user') }}" + template)
    program = f"""
import sys, threading
from pathlib import Path
from vsbench.prompts import ConfinedPack, WorkerLimits
pack = ConfinedPack(Path({str(folder)!r}), limits=WorkerLimits(seconds=1))
channel = pack._running()
print(channel.pid, flush=True)
try:
    pack.render({NAME!r}, {{"seat": 0}})
finally:
    sys.stdin.read()
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    deadline = time.monotonic() + GUARD
    while _runs(child):
        assert time.monotonic() < deadline, "the worker outlives its parent"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_recorded_packs(tmp_path: Path) -> None:
    PromptPack.shipped().eject(tmp_path / "known")
    sha256 = PromptPack.shipped().sha256
    known = open_recorded(tmp_path / "known", sha256)
    assert is_known(known)
    assert not isinstance(known, ConfinedPack)
    written(tmp_path / "known", "{{ role('user') }}fine")
    with pytest.raises(PromptError, match="changed since the run began"):
        open_recorded(tmp_path / "known", sha256)
    sha256 = PromptPack(tmp_path / "known").sha256
    with pytest.raises(UntrustedPackError, match="--trust-prompts"):
        open_recorded(tmp_path / "known", sha256)
    trusted = open_recorded(tmp_path / "known", sha256, trusted=True)
    assert isinstance(trusted, ConfinedPack)
    assert trusted.render(NAME, context()) == PromptPack(tmp_path / "known").render(NAME, context())
    trusted.close()
    (tmp_path / "link").symlink_to(tmp_path / "known")
    for missing in ("nowhere", "link"):
        with pytest.raises(PromptError, match="does not exist or is a link"):
            open_recorded(tmp_path / missing, sha256, trusted=True)


def test_pictures_stay_here(tmp_path: Path) -> None:
    pack = confined(tmp_path, "{{ role('user') }}{{ image(1) }}", WorkerLimits())
    assert pack.render(NAME, context(), [b"one", b"two"]) == (Message("user", (Image(b"two"),)),)
    with pytest.raises(PromptError, match="no image 1"):
        pack.render(NAME, context(), [b"one"])
    pack.close()
