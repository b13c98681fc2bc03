"""Render a question about a recorded state, and its answer, as one self-contained HTML file."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from vsbench.errors import UsageError
from vsbench.planning.units import planned_samples
from vsbench.reconstruction.exchanges import AskedQuestion, recorded_prompts
from vsbench.reconstruction.findings import MismatchError
from vsbench.reconstruction.transcript import SampleTranscript
from vsbench.records.files import UnitKey, open_run
from vsbench.records.journals import open_journal
from vsbench.viewer.html import OUTCOMES, facts_of, fingerprint, source, templates
from vsbench_envs import registry

EVALUATIONS = {"reasoning": "strategic reasoning", "perception": "perception"}


def sample_html(
    directory: Path, key: UnitKey, *, datasets: Path | None = None, trust_prompts: bool = False
) -> str:
    """Render the prompt, the replies and the verdict of a sample.

    As on pages of episodes, models' output cannot become markup, and the page loads nothing.

    Args:
        directory: of the run.
        key: of the sample.
        datasets: a file or folder with the run's data sets, unless they ship.
        trust_prompts: render prompts that are not vsbench's own, in a process with limits.

    Raises:
        UsageError: the sample was not asked about, its journal is damaged, or its data set is
            missing.
        UnknownNameError, MissingExtraError: its game is not installed.
    """
    manifest = open_run(directory)
    plan = next((plan for plan in manifest.environments if plan.env == key.env), None)
    try:
        transcript = SampleTranscript.parse(key, open_journal(directory, key).records)
    except MismatchError as error:
        raise UsageError(f"{key.path(directory)} is not in order: {error}") from None
    if plan is None or transcript is None:
        raise UsageError(f"{directory} has no journal of {key.written}")
    samples = planned_samples(manifest, plan, key.evaluation, datasets)
    sample = next(sample for sample in samples if sample.number == key.number)
    pack, _ = recorded_prompts(directory, manifest, trust_prompts)
    style = source("page.css")
    facts = {"Data set": plan.samples.dataset} if plan.samples else {}
    try:
        exchanges = []
        if transcript.attempts:
            asked = AskedQuestion(sample.question(), sample.player, pack, manifest)
            exchanges = list(asked.exchanges(transcript.attempts))
        return (
            templates()
            .get_template("sample.html.j2")
            .render(
                spec=registry.get(key.env).spec,
                key=key,
                evaluation=EVALUATIONS[key.evaluation],
                model=manifest.model,
                verdict=transcript.closed,
                exchanges=exchanges,
                outcomes=OUTCOMES | {"ok": "an answer was parsed"},
                facts=facts_of(manifest, facts),
                picture=lambda png: f"data:image/png;base64,{b64encode(png).decode()}",
                style=style,
                policy=(
                    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
                    f"style-src '{fingerprint(style)}'"
                ),
            )
        )
    finally:
        pack.close()
