"""Random damage to run directories, as bytes and as JSON, and what may come of reading them."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import vsbench
from forging import forge_chain
from vsbench.errors import UsageError
from vsbench.records.files import TOURNAMENT, UnitKey, open_run, planned_keys, run_directories
from vsbench.runner import runs, tournaments
from vsbench.verification.run import verify
from vsbench.verification.tournament import verify_tournament
from vsbench.viewer.html import html
from vsbench_envs.errors import MissingExtraError, UnknownNameError

ANSWERS = (UsageError, UnknownNameError, MissingExtraError)
"""What a person is told; anything else is a traceback."""

LONGEST = 5
"""Seconds of processor time that one command may take."""

NASTY: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 99, 10**6, 2**53, 2**63, -(2**63), 10**30, 10**400),
    *(0.5, -0.5, 1e308, -1e308, 1e-320, "NaN", "Infinity"),
    *(
        "",
        "0",
        "x",
        "ok",
        "pass",
        "\0",
        "\n",
        "\x1b[2J",
        "\ud800",
        "../../x",
        "/dev/zero",
        "a" * 10**5,
    ),
    "a" * 10**5,
    *([], [[]], {}, {"": {}}, [0] * 1000, ["bot/random"] * 99, {"0": "bet"}, {"99": "bet"}),
    "bot/mcts:simulations=1000000000",
    "bot/equilibrium:alpha=1e-10000000",
    "bot/alphabeta:depth=40",
    "openai-api/http://example.invalid/v1#x",
    "{% for i in range(10**9) %}{{ 'a' * 10**9 }}{% endfor %}",
)

PIECES = (
    *(b"\0", b"\n", b"\r\n", b"\xff", b"\xed\xa0\x80", b"{", b"}", b"[", b'"', b"\\", b",", b":"),
    *(b"NaN", b"1e999", b"-0", b"[" * 5000, b'{"a":' * 5000, b"9" * 5000, b" " * 10_000),
    *(b'"type":"end"', b'"seed":1', b'"line":0', b'"chain":"00"', b"{{", b"{%", b"\x1b[31m"),
)


def mutate(run: Path, rng: Random) -> str:
    """Damage one file of a run or tournament, and tell how."""
    files = sorted(
        path
        for path in run.rglob("*")
        if path.is_file() and path.name != ".lock" and path.suffix != ".j2"
    )
    weights = [1 if path.suffix == ".j2" else 20 for path in files]
    (path,) = rng.choices(files, weights)
    damage = rng.choice([_bytes, _bytes, _json, _json, _json, _lines, _files])
    damage(path, rng)
    forged = damage in (_json, _lines) and rng.random() < 0.7
    if forged:
        for directory in {path.parent for path in run.rglob("run.json")}:
            # Where the damage is such that there is nothing to forge, it stays as it is.
            with suppress(OSError, ValueError, LookupError, AttributeError, TypeError):
                forge_chain(directory)
    return f"{damage.__name__} {path.relative_to(run)}{' forged' if forged else ''}"


def _bytes(path: Path, rng: Random) -> None:
    text = bytearray(path.read_bytes())
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(5):
            case 0:
                text[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del text[at : at + rng.choice([1, 2, 10, 1000])]
            case 2:
                text[at:at] = rng.choice(PIECES)
            case 3:
                start = rng.randrange(len(text) + 1)
                text[at:at] = text[start : start + rng.choice([1, 20, 500])]
            case _:
                del text[at:]
    path.write_bytes(text)


def _json(path: Path, rng: Random) -> None:
    if path.suffix not in (".json", ".jsonl"):
        return _bytes(path, rng)
    lines = path.read_text(errors="replace").splitlines() if path.suffix == ".jsonl" else [None]
    at = rng.randrange(len(lines)) if lines else None
    try:
        content = json.loads(lines[at] if path.suffix == ".jsonl" else path.read_text())
    except (ValueError, TypeError):
        return _bytes(path, rng)
    places = list(_places(content))
    for _ in range(rng.choice([1, 1, 2, 4])):
        holder, name = rng.choice(places)
        match rng.randrange(6):
            case 0 if isinstance(holder, dict):
                holder.pop(name, None)
            case 1 if isinstance(holder, dict):
                holder[rng.choice(["type", "x", "seat", "samples", "\0"])] = rng.choice(NASTY)
            case 2 if isinstance(holder, list) and holder:
                holder.append(rng.choice(holder))
            case 3:
                _, other = rng.choice(places)
                _put(holder, name, other)
            case _:
                _put(holder, name, rng.choice(NASTY))
    text = json.dumps(content, separators=(",", ":"))
    if path.suffix == ".jsonl":
        lines[at] = text
        text = "".join(f"{line}\n" for line in lines)
    path.write_text(text, errors="replace")
    return None


def _put(holder: Any, name: Any, value: Any) -> None:
    try:
        holder[name] = value
    except IndexError:
        holder.append(value)


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Everything that something can be put in place of: who holds it, and by what name."""
    names = content.items() if isinstance(content, dict) else enumerate(content)
    for name, value in list(names):
        yield content, name
        if isinstance(value, dict | list):
            yield from _places(value)


def _lines(path: Path, rng: Random) -> None:
    """Lines of journals change places, come twice, go, or move to another journal."""
    lines = path.read_bytes().splitlines(keepends=True)
    if len(lines) < 2:
        return
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(4):
        case 0:
            lines[one], lines[other] = lines[other], lines[one]
        case 1:
            lines.insert(one, lines[other])
        case 2:
            del lines[one]
        case _:
            stranger = rng.choice(sorted(path.parent.iterdir()))
            if stranger.is_file():
                lines[one:] = stranger.read_bytes().splitlines(keepends=True)[other:]
    path.write_bytes(b"".join(lines))


def _files(path: Path, rng: Random) -> None:
    """Files go, become something else, or appear."""
    target = path.with_name(rng.choice([path.name, ".env", "0099.jsonl", "x\ny", "\x1b[2J"]))
    if target != path:
        target.write_bytes(path.read_bytes())
        return
    path.unlink()
    match rng.randrange(4):
        case 0:
            path.symlink_to("/dev/zero")
        case 1:
            path.mkdir()
        case 2:
            path.symlink_to(path.name)
        case _:
            pass


class TooLongError(Exception):
    """A command that does not come to its end."""


def exercise(directory: Path) -> None:
    """Do to a directory what people do to strangers' runs. Raises what is no answer to them."""
    for command in (_verify, _results, _html, _reopen):
        with _at_most(LONGEST), suppress(*ANSWERS):
            command(directory)


def _verify(directory: Path) -> None:
    for run in run_directories(directory):
        verification = verify(run, trust_prompts=False)
        assert all(str(finding).isprintable() for finding in verification.findings)
    if (directory / TOURNAMENT).exists():
        verify_tournament(directory)


def _results(directory: Path) -> None:
    if (directory / TOURNAMENT).exists():
        vsbench.tournament_results(directory)
    else:
        vsbench.results(directory)


def _html(directory: Path) -> None:
    for run in run_directories(directory)[:1]:
        keys = (key for key in planned_keys(open_run(run)) if key.evaluation == "decision")
        html(run, next(keys, UnitKey("decision", "kuhn_poker", 0)))


def _reopen(directory: Path) -> None:
    reopen: Callable[[Path], object] = runs.reopen
    if (directory / TOURNAMENT).exists():
        reopen = tournaments.reopen
    reopen(directory)


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise TooLongError(f"more than {seconds} s")

    # By the processor's clock, since the machine may be busy; and by the wall's for what waits.
    before = [signal.signal(number, stop) for number in (signal.SIGPROF, signal.SIGALRM)]
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(20 * seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        for number, handler in zip((signal.SIGPROF, signal.SIGALRM), before, strict=True):
            signal.signal(number, handler)
