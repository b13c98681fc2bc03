"""Results as tables: what is shown of runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vsbench.printable import printable
from vsbench.records.journal import OUTCOMES
from vsbench.records.results import EnvironmentResult, Figure, Results, SampleResult, Usage
from vsbench.reporting import formats
from vsbench.reporting.figures import count, decimal, interval, money, numbers, title
from vsbench.reporting.fitting import fits, fitted
from vsbench.reporting.formats import Table
from vsbench.reporting.guessing import guessing_table, paper_guessing
from vsbench.reporting.labels import labels
from vsbench.reporting.overall import evaluated, label_of_runs, overall_label
from vsbench.settings import Evaluation
from vsbench_envs import registry

TITLES: dict[Evaluation, str] = {
    "decision": "decision-making",
    "reasoning": "strategic reasoning",
    "perception": "perception",
}


def of_run(results: Results) -> list[Table]:
    """Everything there is to show about a run; the first table says what it compares with."""
    tables = [environments_table(results), failures_table(results), figures_table(results)]
    tables.append(behaviours_table(results))
    for evaluation in results.overall:
        if evaluation != "decision":
            tables += [samples_table(results, evaluation), parts_table(results, evaluation)]
    tables.append(guessing_table(results))
    tables.append(usage_table(results))
    first, *others = [table for table in tables if table.rows]
    return [replace(first, note=standing_note(results)), *others]


def standing_note(results: Results) -> str:
    """What a run's figures can be compared with, and how its model was asked."""
    in_force = f"\n{results.in_force.summary.capitalize()}" if results.in_force else ""
    return f"Protocol {results.standing.summary}{in_force}"


def comparison_note(runs: Sequence[Results]) -> str:
    """Whether the figures of several runs can be compared, and why not."""
    standings = [run.standing for run in runs]
    alike = {(standing.sha256, standing.track) for standing in standings}
    if len(alike) == 1 and all(standing.conforms for standing in standings):
        return f"All follow {standings[0].protocol}, {standings[0].track}."
    told = zip(labels(runs), standings, strict=True)
    lines = [f"{label}: {standing.summary}" for label, standing in told]
    return "\n".join(["These figures are not all comparable.", *lines])


def environments_table(results: Results) -> Table:
    """A run: a row for each environment."""
    usages = [seat.usage for env in results.environments for seat in env.seats]
    return Table(
        title=f"{printable(results.model)}: decision-making{_normalised([results])}"
        + ("" if results.complete else " (incomplete)"),
        columns=(
            "environment",
            "episodes",
            "score (95 %)",
            "return",
            "tokens",
            "cost",
        ),
        rows=tuple(_environment_row(env) for env in results.environments),
        footer=(
            overall_label(evaluated(results, "decision")),
            "",
            interval(results.overall.get("decision")),
            "",
            count(sum(usage.input + usage.output for usage in usages)),
            money(total_cost(usages)),
        ),
    )


def failures_table(results: Results) -> Table:
    """A run: decisions that a random legal move had to replace, and calls made again."""
    rows = []
    for env in results.environments:
        bad = {
            outcome: sum(seat.decisions[outcome] for seat in env.seats)
            for outcome in OUTCOMES
            if outcome != "ok"
        }
        faults = sum(sum(seat.usage.faults.values()) for seat in env.seats)
        if any(bad.values()) or faults:
            rows.append((title(env.env), *map(count, bad.values()), count(faults)))
    return Table(
        title="Decisions replaced by a random move, and calls that had to be repeated",
        columns=("environment", *(o for o in OUTCOMES if o != "ok"), "faults"),
        rows=tuple(rows),
    )


def figures_table(results: Results) -> Table:
    """A run: further measures, and what was counted in its episodes."""
    return Table(
        title="Behaviours and further measures, by episode",
        columns=("environment", "figure", "mean (95 %)"),
        rows=tuple(
            (title(env.env), printable(name), interval(figure, 2))
            for env in results.environments
            for name, figure in (list(env.measures.items())[1:] + list(env.behaviours.items()))
        ),
        names=2,
    )


def behaviours_table(results: Results) -> Table:
    """A run: the social behaviours of each player in the mixed-motive games."""
    social = {
        env.env: spec
        for env in results.environments
        if (spec := registry.get(env.env).spec).kind == "mixed-motive"
    }
    players = list(dict.fromkeys(role for spec in social.values() for role in spec.roles))
    rows = []
    for env in results.environments:
        for event, by_seat in env.behaviours_by_seat.items() if env.env in social else ():
            by_role = {social[env.env].roles[int(seat)]: found for seat, found in by_seat.items()}
            figures = (interval(by_role.get(role), 2) for role in players)
            rows.append((title(env.env), printable(event), *figures))
    return Table(
        title="Social behaviours by player, by episode",
        columns=("environment", "behaviour", *(role.removeprefix("the ") for role in players)),
        rows=tuple(rows),
        names=2,
    )


def samples_table(results: Results, evaluation: Evaluation) -> Table:
    """A run: what answers about recorded states were worth, by environment."""
    parts = [part for part in results.samples if part.evaluation == evaluation]
    chances = [part.chance for part in parts if part.chance is not None]
    guessed = bool(chances)
    return Table(
        title=f"{printable(results.model)}: {TITLES[evaluation]}, percent right",
        columns=(
            "environment",
            "samples",
            "score (95 %)",
            *(("guessing", "paper's guessing") if guessed else ()),
            "unusable",
            "cost",
        ),
        rows=tuple(
            (
                title(part.env),
                f"{part.finished}/{part.planned}",
                interval(part.score),
                *((decimal(part.chance, 1), decimal(paper_guessing(part), 1)) if guessed else ()),
                count(sum(part.unusable.values())),
                money(part.usage.cost),
            )
            for part in parts
        ),
        footer=(
            overall_label(evaluated(results, evaluation)),
            "",
            interval(results.overall[evaluation]),
            *((decimal(sum(chances) / len(chances), 1), "") if guessed else ()),
            count(sum(sum(part.unusable.values()) for part in parts)),
            money(total_cost([part.usage for part in parts])),
        ),
    )


def parts_table(results: Results, evaluation: Evaluation) -> Table:
    """A run: predictions by how the other player played, or what was misread in pictures."""
    parts = [part for part in results.samples if part.evaluation == evaluation]
    if evaluation == "reasoning":
        return Table(
            title="Predictions, by who played",
            columns=("environment", "player", "score (95 %)"),
            rows=tuple(
                (title(part.env), printable(source), interval(figure))
                for part in parts
                for source, figure in part.by_source.items()
            ),
            names=2,
        )
    return Table(
        title="Most often misread",
        columns=("environment", "what is there", "read as", "times"),
        rows=tuple(
            (title(part.env), printable(truth), printable(said) or "nothing", str(times))
            for part in parts
            for truth, said, times in part.misread[:5]
        ),
        names=3,
    )


def usage_table(results: Results) -> Table:
    """A run: the tokens of its calls, and how well those of the prompts were estimated."""
    usage = results.usage
    billed, expected = usage.input, usage.expected_input
    row = (
        count(usage.replies),
        count(usage.from_cache),
        count(billed),
        f"{100 * (billed / expected - 1):+.0f} %" if expected else "-",
        count(usage.cached),
        count(usage.output),
        count(usage.reasoning),
        money(usage.cost),
    )
    return Table(
        title="Calls of all players, and their tokens as billed",
        columns=(
            "replies",
            "from cache",
            "in",
            "against estimate",
            "cached",
            "out",
            "reasoning",
            "cost",
        ),
        rows=(row,) if usage.replies else (),
    )


def comparison_tables(runs: Sequence[Results], width: int | None = None) -> list[Table]:
    """Several runs side by side; where ``width`` letters do not hold that, one below the other.

    Each evaluation has tables of its own then, with as many environments as there is room for.
    """
    across = comparison_table(runs)
    if width is None or fits(across, width):
        return [across]
    evaluated = [evaluation for evaluation in TITLES if _compared(runs, evaluation)]
    parts = [part for each in evaluated for part in fitted(_by_run(runs, each), width)]
    return [*parts[:-1], replace(parts[-1], note=comparison_note(runs))] if parts else []


def comparison_table(runs: Sequence[Results]) -> Table:
    """Several runs side by side: normalised returns, and percent right."""
    rows = []
    for evaluation, name in TITLES.items():
        compared = _compared(runs, evaluation)
        rows += [(name, env, *map(interval, figures)) for env, figures in compared]
    return Table(
        title=f"Normalised returns and percent right (95 %){_normalised(runs)}",
        columns=("evaluation", "environment", *labels(runs)),
        rows=tuple(rows),
        names=2,
        note=comparison_note(runs),
    )


def to_csv(runs: Sequence[Results]) -> str:
    """One line for each run, environment and figure; numbers in full."""
    return formats.to_csv(
        (
            "run",
            "model",
            "evaluation",
            "environment",
            "figure",
            "mean",
            "low",
            "high",
            "n",
            "finished",
        ),
        *(
            (label, run.model, *where, *numbers(figure), finished)
            for label, run in zip(labels(runs), runs, strict=True)
            for *where, figure, finished in _figures(run)
            if figure is not None
        ),
    )


def to_json(runs: Sequence[Results]) -> str:
    """Everything: a list of ``results.json``."""
    return json.dumps([run.model_dump(mode="json") for run in runs], indent=2)


def _environment_row(env: EnvironmentResult) -> tuple[str, ...]:
    tokens = sum(seat.usage.input + seat.usage.output for seat in env.seats)
    first = next((figure.mean for figure in env.measures.values()), None)
    return (
        title(env.env),
        f"{env.finished}/{env.planned}",
        interval(env.score),
        decimal(first, 2),
        count(tokens),
        money(total_cost([seat.usage for seat in env.seats])),
    )


def total_cost(usages: Sequence[Usage]) -> float | None:
    """US dollars in all; None where nothing had a price."""
    costs = [usage.cost for usage in usages if usage.cost is not None]
    return sum(costs) if costs else None


def _normalised(runs: Sequence[Results]) -> str:
    """What was used where it is not what everybody expects."""
    measured = any(run.anchors == "measured" for run in runs)
    return ", normalised by the measured anchors" if measured else ""


def _by_run(runs: Sequence[Results], evaluation: Evaluation) -> Table:
    """What :func:`comparison_table` says of an evaluation, with a row for each run."""
    # What is asked for first stands in the first part.
    *envs, overall = _compared(runs, evaluation)
    names, figures = zip(overall, *envs, strict=True)
    about = "normalised returns" if evaluation == "decision" else "percent right"
    return Table(
        title=f"{TITLES[evaluation].capitalize()}: {about} (95 %){_normalised(runs)}",
        columns=("run", *names),
        rows=tuple(
            (label, *map(interval, row))
            for label, row in zip(labels(runs), zip(*figures, strict=True), strict=True)
        ),
    )


def _compared(
    runs: Sequence[Results], evaluation: Evaluation
) -> list[tuple[str, tuple[Figure | None, ...]]]:
    """The runs' scores in each environment, and overall; empty where nothing was evaluated."""
    scores = [_scores(run, evaluation) for run in runs]
    envs = dict.fromkeys(env for by_env in scores for env in by_env)
    compared = [(title(env), tuple(by_env.get(env) for by_env in scores)) for env in envs]
    overall = tuple(run.overall.get(evaluation) for run in runs)
    return [*compared, (label_of_runs(runs, evaluation), overall)] if compared else []


def _scores(run: Results, evaluation: Evaluation) -> dict[str, Figure | None]:
    if evaluation == "decision":
        return {env.env: env.score for env in run.environments}
    return {part.env: part.score for part in run.samples if part.evaluation == evaluation}


def _figures(run: Results) -> Iterator[tuple[str, str, str, Figure | None, int | str]]:
    """Evaluation, environment, name, the figure itself, and units finished, of all figures."""
    for evaluation, overall in run.overall.items():
        yield evaluation, overall_label(evaluated(run, evaluation)), "score", overall, ""
    for env in run.environments:
        for name, figure in {"score": env.score, **env.measures, **env.behaviours}.items():
            yield "decision", env.env, name, figure, env.finished
        for event, by_seat in env.behaviours_by_seat.items():
            for seat, figure in by_seat.items():
                yield "decision", env.env, f"{event}, seat {seat}", figure, env.finished
    for part in run.samples:
        for name, figure in {"score": part.score, **_parts(part)}.items():
            yield part.evaluation, part.env, name, figure, part.finished


def _parts(part: SampleResult) -> dict[str, Figure]:
    return {
        **{f"source {name}": figure for name, figure in part.by_source.items()},
        **{f"about seat {name}": figure for name, figure in part.by_seat.items()},
        **{f"{name} third": figure for name, figure in part.by_third.items()},
    }
