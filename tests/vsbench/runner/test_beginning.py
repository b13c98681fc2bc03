"""How a run begins: the first questions are asked before the last are prepared."""

import asyncio
from pathlib import Path

import vsbench
from vsbench.records.files import UnitKey
from vsbench.records.journal import JournalRecord
from vsbench.runner.observer import NullObserver
from written import MODEL


class Openings(NullObserver):
    """Counts what had begun when the first reply came, and in all."""

    def __init__(self) -> None:
        self.begun = 0
        self.at_first_reply: int | None = None

    def happened(self, directory: Path, key: UnitKey, record: JournalRecord) -> None:
        if record.type in ("episode", "sample"):
            self.begun += 1
        elif record.type == "attempt" and self.at_first_reply is None:
            self.at_first_reply = self.begun


def test_first_replies_come_while_others_are_prepared(written_model, tmp_path: Path) -> None:
    written_model()
    seen = Openings()
    vsbench.run(
        models=[MODEL], envs=["kuhn_poker"], episodes=60, samples=60, observer=seen,
        evals=["decision", "reasoning"], out=tmp_path / "run",
    )  # fmt: skip
    assert seen.begun == 120
    assert seen.at_first_reply is not None
    assert seen.at_first_reply < 12


async def test_a_run_that_stops_prepares_no_more(written_model, tmp_path: Path) -> None:
    written_model()
    seen = Openings()
    reports = await asyncio.wait_for(
        vsbench.arun(
            models=[MODEL],
            envs=["kuhn_poker"],
            episodes=400,
            samples=400,
            observer=seen,
            max_tokens_total=1000,
            out=tmp_path / "run",
        ),
        60,
    )
    assert reports[0].exit == 3
    assert seen.begun < 400
