"""Damages run directories at random and reads them: ``python tests/fuzzing/fuzz_runs.py 20000``.

Reports what ended in a traceback, took too long, or took too much memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from mutations import exercise, mutate
from strangers import a_run, a_tournament

MEMORY_MB = 500


def main() -> None:
    """Fuzz in as many processes as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mutations", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        a_run(base / "run")
        a_tournament(base / "tournament")
        each = asked.mutations // asked.processes
        work = [(base, asked.seed + n, each) for n in range(asked.processes)]
        # A process for each worker, so that its memory is its own.
        with multiprocessing.get_context("spawn").Pool(asked.processes) as pool:
            reports = pool.starmap(fuzz, work)
    tried = sum(report["tried"] for report in reports)
    kinds = sum((report["kinds"] for report in reports), Counter())
    slowest = max(report["slowest"] for report in reports)
    memory = max(report["memory"] for report in reports)
    failures = [failure for report in reports for failure in report["failures"]]
    print(f"{tried} mutations: {dict(kinds)}")
    print(
        f"slowest {slowest:.2f} s of processor time, {memory} MB at most, {len(failures)} failures"
    )
    for failure in failures[:20]:
        print(failure)
    sys.exit(bool(failures) or memory > MEMORY_MB)


def fuzz(base: Path, seed: int, mutations: int) -> dict:
    """Damage copies of the runs, one after the other."""
    rng = Random(seed)
    report = {"tried": 0, "kinds": Counter(), "slowest": 0.0, "failures": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(mutations):
            origin = "tournament" if rng.random() < 0.2 else "run"
            directory = Path(folder, origin)
            copy(base / origin, directory)
            told = [mutate(directory, rng) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
            started = time.process_time()
            try:
                exercise(directory)
            except BaseException:
                where = f"seed {seed}, number {number}: {told}"
                report["failures"].append(f"{where}\n{traceback.format_exc(limit=-6)}")
            report["slowest"] = max(report["slowest"], time.process_time() - started)
            report["tried"] += 1
            report["kinds"][told[0].split()[0].strip("_")] += 1
            if any("prompts" in each for each in told):
                shutil.rmtree(directory)
    report["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return report


def copy(origin: Path, directory: Path) -> None:
    """Copy a run, all but its prompts if they are there: they are most of its files."""
    if directory.exists():
        for path in directory.iterdir():
            if path.name == "prompts":
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    there = {"prompts"} if directory.exists() else set()
    shutil.copytree(
        origin, directory, dirs_exist_ok=True, ignore=lambda folder, names: there & {*names}
    )


if __name__ == "__main__":
    main()
