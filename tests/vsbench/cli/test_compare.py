"""``vsbench compare``: what is shown and written, and how it ends."""

import json
import shutil
from pathlib import Path

import pytest
from junitparser import JUnitXml

import vsbench
from comparisons import play
from comparisons import runs as runs
from vsbench import cli
from vsbench.errors import UsageError
from vsbench.records.comparison import Comparison

pytestmark = pytest.mark.xdist_group("comparisons")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs the program: its exit code, output and messages."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["vsbench", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "80")
        for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
            monkeypatch.delenv(name, raising=False)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return call


def test_a_worse_model_is_named_and_the_gate_fails(runs: Path, call) -> None:
    base, worse = play(runs, "base"), play(runs, "worse")
    code, out, _ = call("compare", base, worse)
    assert code == 0
    assert "Decision-making: new less base, in points" in out
    assert "Breakthrough" in out
    assert "model sighted/oracle in base, sighted/random in new" in out
    assert f"vsbench replay {worse} --html " in out
    assert max(len(line) for line in out.splitlines() if not line.startswith("  ")) <= 80

    gate = ("compare", base, worse, "--gate", "--tolerance", "decision=500")
    code, out, _ = call(*gate, "--tolerance", "reasoning=0", "--game-tolerance", "0")
    assert code in (0, 1)
    assert out.count("\n- ") >= 2, "the reasons"
    code, out, _ = call("compare", base, worse, "--gate", "--detect", "0.5")
    assert code in (1, 4)
    assert "could go unnoticed" in out or "Regression" in out


@pytest.mark.slow
def test_verdicts_decide_exit_codes(runs: Path, call) -> None:
    base, same = play(runs, "base"), runs / "same"
    if not same.exists():
        shutil.copytree(base, same)
    code, out, _ = call("compare", base, same, "--gate")
    assert code == 0
    assert "No regression: " in out
    assert "points or more would have been found" in " ".join(out.split())
    code, out, _ = call("compare", base, same, "--gate", "--detect", "1")
    assert code == 4
    assert "Inconclusive: " in out
    # Every run of a folder is compared; the worst verdict counts.
    folder = runs / "several"
    if not folder.exists():
        for name in ("base", "same"):
            shutil.copytree(base, folder / name)
    code, out, _ = call("compare", base, folder, "--gate", "--format", "json")
    assert code == 0
    assert len(json.loads(out)) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("protocol", "protocol vsbench-1 in base, vsbench-1-quick in new"),
        ("prompts", "prompts "),
    ],
)
@pytest.mark.slow
def test_incomparable_runs_are_refused(runs: Path, call, name: str, said: str) -> None:
    arguments = ("compare", play(runs, "base"), play(runs, name))
    code, out, told = call(*arguments)
    assert (code, out) == (2, "")
    assert told.startswith(f"vsbench: these runs are not comparable: {said}")
    assert "--incomparable" in told
    code, out, _ = call(*arguments, "--incomparable")
    assert code == 0
    assert f"Not comparable: {said}" in out


@pytest.mark.slow
def test_other_opponents_and_seeds_are_named(runs: Path, call) -> None:
    code, out, _ = call("compare", play(runs, "base"), play(runs, "opponent"))
    assert code == 0
    flat = " ".join(out.split())
    assert "All games: not comparable: seat 1 greedy in base, random in new" in flat
    code, out, _ = call("compare", play(runs, "base"), play(runs, "seed"))
    assert code == 0
    assert "All games: not paired: the seeds differ" in out
    assert "seed 0 in base, 7 in new" in out


@pytest.mark.slow
def test_results_mark_runs_that_are_not_comparable(runs: Path, call) -> None:
    names = ("base", "seed", "opponent", "prompts", "protocol")
    paths = [play(runs, name) for name in names]
    code, out, _ = call("results", *paths)
    assert code == 0
    flat = " ".join(out.split())
    assert "Figures are comparable only under the same letter." in flat
    assert "B differs from A: seat 1 greedy in A, random in B (kuhn_poker, breakthrough)." in flat
    assert "C differs from A: prompts " in flat
    assert "D differs from A: protocol vsbench-1 in A, vsbench-1-quick in D." in flat
    code, out, told = call("results", *paths, "--format", "csv")
    assert code == 0
    assert "Figures are comparable only" not in out
    assert "D differs from A: protocol" in told
    assert call("results", *paths[:2], "--format", "csv")[2] == ""
    _, out, _ = call("results", *paths[:2])
    assert "All runs are comparable with one another." in out


def test_reports_are_written_in_the_format_of_their_names(runs: Path, call, tmp_path: Path) -> None:
    files = {suffix: tmp_path / f"report.{suffix}" for suffix in ("md", "json", "xml", "txt")}
    written = [part for path in files.values() for part in ("--to", path)]
    arguments = ("compare", play(runs, "base"), play(runs, "worse"), "--drop", "20")
    code, out, _ = call(*arguments, *written, "--replays", tmp_path / "pages", "--choices", "3")
    assert code == 0
    assert "To find 20: episodes of each game in each run." in out
    assert files["md"].read_text(encoding="utf-8").startswith("### sighted/random compared with")
    (record,) = json.loads(files["json"].read_text(encoding="utf-8"))
    found = Comparison.model_validate(record, strict=False)
    assert len(found.choices) == 3
    suites = JUnitXml.fromfile(str(files["xml"]))
    assert suites.tests == 6
    assert "new less base" in files["txt"].read_text(encoding="utf-8")
    for pair in found.choices:
        for choice in (pair.base, pair.new):
            page, _, step = choice.page.partition("#")
            assert Path(page).parent == tmp_path / "pages"
            assert "<html" in Path(page).read_text(encoding="utf-8")
            assert step == ("" if pair.step is None else f"step={pair.step}")
            assert f"pages/{Path(page).name}" in files["md"].read_text(encoding="utf-8")


def test_formats_for_machines(runs: Path, call) -> None:
    arguments = ("compare", play(runs, "base"), play(runs, "worse"), "--format")
    _, out, _ = call(*arguments, "markdown")
    assert "| game | base | new |" in out
    _, out, _ = call(*arguments, "junit")
    assert JUnitXml.fromstring(out.encode()).tests == 6


def test_annotations_do_not_mix_with_what_programs_read(runs: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    paths = (str(play(runs, "base")), str(play(runs, "worse")))
    for form in ("json", "table"):
        monkeypatch.setattr("sys.argv", ["vsbench", "compare", *paths, "--format", form])
        with pytest.raises(SystemExit):
            cli.main()
        out, told = capsys.readouterr()
        assert ("::notice " in out) == (form == "table")
        assert ("::notice " in told) == (form == "json")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "report.html"), "must end in .md, .json, .xml, .txt"),
        (("--to", "missing/report.md"), "is not a directory"),
        (("--replays", "missing/pages"), "is not a directory"),
        (("--tolerance", "3"), "need --gate"),
        (("--dataset", "."), "--dataset needs --replays"),
        (("--gate", "--tolerance", "much"), "'much' is neither points"),
        (("--gate", "--detect", "sight=3"), "'sight=3' is neither points"),
        (("--gate", "--detect", "-1"), "'-1' is neither points"),
        (("--drop", "0"), "0"),
        (("--choices", "-1"), "-1"),
    ],
)
def test_bad_input_is_named_and_nothing_written(
    runs: Path, call, tmp_path: Path, monkeypatch, arguments: tuple[str, ...], said: str
) -> None:
    base, seed = play(runs, "base"), play(runs, "worse")
    monkeypatch.chdir(tmp_path)
    code, out, told = call("compare", base, seed, *arguments)
    assert (code, out) == (2, "")
    assert said in told
    assert not list(tmp_path.iterdir())


def test_sources_that_are_no_two_runs_are_refused(runs: Path, call, tmp_path: Path) -> None:
    base = play(runs, "base")
    assert "only run named" in call("compare", base, base)[2]
    assert "is not a directory" in call("compare", base, tmp_path / "none")[2]
    both = tmp_path / "both"
    for name in ("a", "b"):
        shutil.copytree(base, both / name)
    code, _, told = call("compare", both, base)
    assert code == 2
    assert "holds 2 runs; name the one to compare with" in told
    (both / "a/journal/decision/kuhn_poker/0001.jsonl").write_text("nonsense\n", encoding="utf-8")
    code, _, told = call("compare", base, both / "a")
    assert code == 2
    assert "0001.jsonl, line 1, is not a journal line" in told


def test_a_sample_has_a_page_too(runs: Path, call, tmp_path: Path) -> None:
    base, page = play(runs, "base"), tmp_path / "sample.html"
    number = int(next((base / "journal/reasoning/kuhn_poker").iterdir()).stem)
    sample = f"reasoning/kuhn_poker/{number}"
    code, out, _ = call("replay", base, "--html", sample, "--to", page)
    assert code == 0
    assert f"kuhn_poker, reasoning, sample {number}" in out
    text = page.read_text(encoding="utf-8")
    assert "Predict what" in text
    assert "<img" in text
    assert "<script" not in text
    code, _, told = call("replay", base, "--html", "reasoning/kuhn_poker/999999")
    assert code == 2
    assert "this run has no sample 'reasoning/kuhn_poker/999999'" in told
    code, _, told = call("replay", base, "--gif", sample)
    assert code == 2
    assert "animations are of episodes" in told


def test_pages_of_other_data_sets_need_them(runs: Path, call, tmp_path: Path) -> None:
    from vsbench.datasets.sets import shipped_path

    own = tmp_path / "own.jsonl"
    shutil.copyfile(shipped_path("breakthrough"), own)
    for name in ("oracle", "random"):
        vsbench.run(
            models=f"sighted/{name}",
            envs="breakthrough",
            evals="reasoning",
            samples=12,
            dataset=own,
            out=tmp_path / name,
        )
    paths = (tmp_path / "oracle", tmp_path / "random")
    arguments = ("compare", *paths, "--choices", "1", "--replays", tmp_path / "pages")
    code, out, told = call(*arguments)
    assert (code, out) == (2, "")
    assert "give its path with --dataset" in told
    assert call(*arguments, "--dataset", own)[0] == 0
    assert len(list((tmp_path / "pages").iterdir())) == 2


@pytest.mark.slow
def test_differences_are_plotted(runs: Path, call, tmp_path: Path) -> None:
    base, worse = play(runs, "base"), play(runs, "worse")
    code, out, _ = call("plot", "differences", base, worse, "--to", tmp_path / "a.svg")
    assert code == 0
    assert "Differences from sighted/oracle" in out
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    for told in ("no difference", "Breakthrough", "sighted/random", "overall"):
        assert told in text
    call("plot", "scores", base, play(runs, "protocol"), "--to", tmp_path / "b.svg")
    text = (tmp_path / "b.svg").read_text(encoding="utf-8")
    assert "B differs from A: protocol vsbench-1 in A" in text
    for arguments, said in (
        (("differences", base), "name a base run"),
        (("differences", base, play(runs, "protocol")), "not comparable: protocol"),
        (("scores", base, "--incomparable"), "--incomparable applies to differences"),
    ):
        code, _, told = call("plot", *arguments, "--to", tmp_path / "c.svg")
        assert code == 2
        assert said in told


@pytest.mark.slow
def test_the_python_interface(runs: Path) -> None:
    base, worse = play(runs, "base"), play(runs, "worse")
    found = vsbench.compare(base, worse, drop=10, choices=2)
    assert isinstance(found, vsbench.Comparison)
    assert len(found.choices) == 2
    assert found.base.source == str(base)
    with pytest.raises(UsageError, match="incomparable=True"):
        vsbench.compare(base, play(runs, "protocol"))
    with pytest.raises(UsageError, match="runs; name one of them"):
        vsbench.compare(base, runs)
