"""Write pages and animations of episodes and samples into files."""

from __future__ import annotations

from pathlib import Path

from vsbench.errors import UsageError
from vsbench.output_paths import refuse_link, refuse_orphan, refuse_record, write_errors
from vsbench.reconstruction.episode import parse_unit_key
from vsbench.records.comparison import Comparison
from vsbench.records.files import REPLAYS, UnitKey, open_run
from vsbench.viewer.gif import gif
from vsbench.viewer.html import html
from vsbench.viewer.samples import sample_html


def write_page(
    directory: Path,
    unit: str,
    to: Path | None = None,
    *,
    datasets: Path | None = None,
    trust_prompts: bool = False,
) -> Path:
    """Write the page or animation of an episode, or the page of a sample.

    Args:
        directory: of the run.
        unit: the episode or sample; see :func:`vsbench.reconstruction.episode.parse_unit_key`.
        to: file to write, a GIF if its name ends in ``.gif``; by default a page in the run's
            ``replays/``.
        datasets: a file or folder with the run's data sets, unless they ship.
        trust_prompts: render prompts that are not vsbench's own, in a process with limits.

    Returns:
        The file.

    Raises:
        UsageError: there is no such episode or sample, or the file cannot be written.
    """
    key = parse_unit_key(open_run(directory), unit)
    target = key.replay(directory) if to is None else to
    own = target.parent.resolve() == (directory / REPLAYS).resolve()
    if own:
        refuse_link(target)
    else:
        refuse_orphan(target)
        refuse_record(target.parent)
    animated = target.suffix.lower() == ".gif"
    if animated and key.evaluation != "decision":
        raise UsageError(f"{unit} is a sample; animations are of episodes")
    with write_errors(target):
        if own:
            target.parent.mkdir(exist_ok=True)
        if animated:
            gif(directory, key, target)
        else:
            target.write_text(_page(directory, key, datasets, trust_prompts), encoding="utf-8")
    return target


def write_choices(
    comparison: Comparison, base: Path, new: Path, *, datasets: Path | None = None
) -> None:
    """Write the pages that the choices of a comparison name, and the folder that they are in.

    Args:
        comparison: with choices.
        base: directory of the base run.
        new: directory of the new run.
        datasets: a file or folder with the runs' data sets, unless they ship.

    Raises:
        UsageError: a data set is missing, or a page cannot be rendered or written.
    """
    for pair in comparison.choices:
        unit = UnitKey(pair.evaluation, pair.environment, pair.number).written
        for directory, choice in ((base, pair.base), (new, pair.new)):
            target = Path(choice.page.partition("#")[0])
            with write_errors(target.parent):
                target.parent.mkdir(exist_ok=True)
            write_page(directory, unit, target, datasets=datasets)


def _page(directory: Path, key: UnitKey, datasets: Path | None, trust_prompts: bool) -> str:
    if key.evaluation == "decision":
        return html(directory, key, trust_prompts=trust_prompts)
    return sample_html(directory, key, datasets=datasets, trust_prompts=trust_prompts)
