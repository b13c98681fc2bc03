"""``vsbench play`` through a pipe and in a pseudo-terminal."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vsbench.records.files import open_run
from vsbench.records.journals import read_journal
from vsbench.verification.run import verify

PLAY = [sys.executable, "-m", "vsbench", "play"]


def play(*arguments: str, typed: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [*PLAY, *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"COLUMNS": "100"},
    )
    return done.returncode, done.stdout, done.stderr


def journal(out: Path) -> list:
    return [line for path in out.glob("journal/*/*/*.jsonl") for line in read_journal(path)]


def test_a_game_to_its_end(tmp_path: Path) -> None:
    out = tmp_path / "run"
    code, shown, told = play(
        "breakthrough", "--seat", "1=random", "--seed", "3", "--out", str(out), typed="1\n" * 200
    )
    assert code == 0, told
    assert "You are Black" in shown
    assert "Game over" in shown
    assert "person/terminal" in shown
    (end,) = [line for line in journal(out) if line.type == "end"]
    assert f"{end.returns[0]:g}" in shown
    assert json.loads((out / "results.json").read_text())["complete"]
    assert (out / "replays/now.png").exists()
    assert verify(out).ok
    decisions = [line for line in journal(out) if line.type == "decision"]
    assert decisions
    assert {line.outcome for line in decisions} == {"ok"}


def test_slips_are_asked_about_again(tmp_path: Path) -> None:
    out = tmp_path / "run"
    typed = "raise\n9\n\nbet or pass\n1\n1\n"
    code, shown, told = play("kuhn_poker", "--out", str(out), typed=typed)
    assert code == 0, told
    assert shown.count("could not find an action") == 3
    attempts = [line.outcome for line in journal(out) if line.type == "attempt"]
    assert attempts[:4] == ["unparsable", "unparsable", "unparsable", "ok"]


def test_leaving_and_coming_back(tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = ("coin_dilemma", "--as", "1", "--seed", "5", "--out", str(out))
    code, left, told = play(*arguments, typed="up\n2\nq\n")
    assert code == 130
    assert f"vsbench play --resume {out}" in told
    assert not json.loads((out / "results.json").read_text())["complete"]
    assert not [line for line in journal(out) if line.type == "fault"]
    code, shown, told = play("--resume", str(out), typed="stay\n" * 48)
    assert code == 0, told
    board = "On the board: "
    where = left.rpartition(board)[2].partition("empty.")[0]
    assert "red coin in" in where
    assert shown.partition(board)[2].startswith(where)
    assert [line.answer for line in journal(out) if line.type == "attempt"][:3] == [
        "up",
        "right",
        "stay",
    ]
    assert verify(out).ok


def test_standard_seats(tmp_path: Path) -> None:
    for game, others in {
        "kuhn_poker": "bot/equilibrium",
        "coin_dilemma": "bot/oracle",
    }.items():
        play(game, "--as", "1", "--out", str(tmp_path / game), typed="")
        (plan,) = open_run(tmp_path / game).environments
        assert plan.seats.players == (others, "person/terminal")
        assert plan.seats.measured == (1,)


def test_two_people_share_the_terminal(tmp_path: Path) -> None:
    code, shown, told = play(
        "kuhn_poker", "--seat", "1=person/terminal", "--out", str(tmp_path / "run"),
        typed="pass\nbet\npass\n",
    )  # fmt: skip
    assert code == 0, told
    assert "You are the first player." in shown
    assert "You are the second player." in shown


BAD = {
    "nothing": ([], "name a game"),
    "unknown game": (["brakthrough"], "Did you mean 'breakthrough'?"),
    "unknown seat": (["kuhn_poker", "--as", "2"], "seats are 0 to 1"),
    "own seat given away": (["kuhn_poker", "--seat", "0=random"], "seat 0 is yours"),
    "unknown player": (["kuhn_poker", "--seat", "1=randm"], "Did you mean 'random'?"),
    "nothing to resume": (["--resume", "nowhere"], "nowhere"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case: str, tmp_path: Path) -> None:
    arguments, problem = BAD[case]
    code, _, told = play(*arguments, typed="")
    assert code == 2
    assert problem in told
    assert "Traceback" not in told


class Terminal:
    """A command in a pseudo-terminal."""

    def __init__(self, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [*PLAY, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            # Tests in the background of a shell inherit that interrupts are ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        )
        os.close(slave)
        self.shown = ""
        self._read = 0

    def until(self, sign: str) -> None:
        """Read until ``sign`` appears after the previous one."""
        while (at := self.shown.find(sign, self._read)) < 0:
            self.shown += self._chunk()
        self._read = at + len(sign)

    def _chunk(self) -> str:
        ready, _, _ = select.select([self._master], [], [], 60)
        assert ready, self.shown
        return os.read(self._master, 4096).decode(errors="replace")

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Read to the end and return the exit code."""
        try:
            while chunk := self._chunk():
                self.shown += chunk
        except OSError:  # How Linux says that nobody writes any more.
            pass
        os.close(self._master)
        return self.process.wait(60)


@pytest.mark.parametrize("leave", ["\x04", "q\n", signal.SIGINT])
def test_leaving_a_terminal(tmp_path: Path, leave: str | signal.Signals) -> None:
    out = tmp_path / "run"
    terminal = Terminal("coin_dilemma", "--out", str(out))
    terminal.until("> ")
    terminal.type("up\n")
    terminal.until("On the board:")
    terminal.until("> ")
    if isinstance(leave, str):
        terminal.type(leave)
    else:
        terminal.process.send_signal(leave)
    assert terminal.end() == 130
    assert "vsbench play --resume" in terminal.shown
    assert "Traceback" not in terminal.shown
    assert [line.answer for line in journal(out) if line.type == "attempt"] == ["up"]


def test_style(tmp_path: Path) -> None:
    for name, styled in {"with": True, "without": False}.items():
        plain = [] if styled else ["--plain"]
        terminal = Terminal("kuhn_poker", "--out", str(tmp_path / name), *plain)
        terminal.until("> ")
        terminal.type("q\n")
        assert terminal.end() == 130
        assert ("\x1b[" in terminal.shown) is styled
