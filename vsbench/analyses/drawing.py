"""Charts drawn with matplotlib, which is imported only here and only when needed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, cast

from vsbench.analyses.charts import Chart, Panel
from vsbench.printable import printable
from vsbench_envs.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

FORMATS = (".png", ".svg", ".pdf")

COLOURS = (
    *("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31"),
)
"""Okabe and Ito's palette, safe for the colour-blind; the first three are red, blue, green."""

MARKERS = ("o", "s", "D", "^", "v", "P", "X", "p")
"""A second distinction, for readers without colour."""

SERIES_HEIGHT, GROUP_GAP = 0.19, 0.16
"""Inches of a series within a group, and between groups."""

SINGLE_WIDTH, DOUBLE_WIDTH = 8.0, 5.8
"""Inches of a panel that is alone in its row, and of each of two panels in a row."""

CHARACTERS_PER_INCH = 14
"""Of notes."""

RC_PARAMS: dict[str, Any] = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "figure.titlesize": 13,
    "svg.fonttype": "none",
    "svg.hashsalt": "vsbench",
    # Model names are not formulas.
    "text.parse_math": False,
}


def draw(chart: Chart, path: Path) -> None:
    """Draw a chart into a file, in the format of its suffix; one of ``FORMATS``.

    Raises:
        MissingExtraError: matplotlib is not installed.
        OSError: the file cannot be written.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure as Drawing
    except ImportError:
        raise MissingExtraError(
            "plots need matplotlib; install it with: pip install 'vsbench[plots]'"
        ) from None
    metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix.lower(), {})
    with rc_context(cast(Any, RC_PARAMS)), warnings.catch_warnings():
        # A model name may have characters that the font lacks.
        warnings.simplefilter("ignore", UserWarning)
        drawing = Drawing()
        drawing.set_layout_engine("constrained", h_pad=0.1, w_pad=0.08)
        lay_out(chart, drawing)
        drawing.savefig(path, dpi=160, metadata=metadata)


def lay_out(chart: Chart, drawing: Drawing) -> None:
    """Lay out the panels, title and legend of a chart in a figure."""
    panels = chart.panels
    columns = 1 if len(panels) == 1 or (not chart.shared and len(panels) < 4) else 2
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    heights = [max(_height(panel) for panel in row) for row in rows]
    names = _names(chart)
    legend_rows = ceil(len(names) / (2 if columns == 1 else 3))
    width = SINGLE_WIDTH if columns == 1 else columns * DOUBLE_WIDTH
    note_lines = len(_filled(chart.note, width).splitlines())
    extra = 0.75 + 0.28 * legend_rows + 0.16 * note_lines
    drawing.set_size_inches(width, sum(heights) + 0.75 * len(rows) + extra)
    axes = drawing.subplots(
        len(rows), columns, squeeze=False, height_ratios=heights, sharex=chart.shared
    )
    for row, panels_of_row in zip(axes, rows, strict=True):
        for place, ax in enumerate(row):
            if place < len(panels_of_row):
                if chart.window:
                    ax.set_xlim(*chart.window)
                else:
                    ax.update_datalim([(0, 0)])
                _panel(panels_of_row[place], ax, chart.window)
                ax.tick_params(labelbottom=True)
            else:
                ax.set_visible(False)
    for column in axes.T:
        lowest = [ax for ax in column if ax.get_visible()][-1]
        lowest.set_xlabel(chart.axis)
    drawing.suptitle(printable(chart.title), x=0.02, ha="left", weight="bold")
    drawing.legend(
        handles=list(_handles(chart, names)),
        loc="outside lower left",
        ncols=2 if columns == 1 else 3,
        frameon=False,
        title=_filled(chart.note, width) or None,
        title_fontsize=8.5,
        alignment="left",
    )


def _filled(note: str, width: float) -> str:
    """Break a note into lines that fit into a number of inches."""
    size = int(width * CHARACTERS_PER_INCH)
    return "\n".join(fill(printable(line), size) for line in note.splitlines())


def _height(panel: Panel) -> float:
    return len(panel.groups) * (GROUP_GAP + SERIES_HEIGHT * max(1, len(panel.series)))


def _panel(panel: Panel, ax: Axes, window: tuple[float, float] | None) -> None:
    """Draw one panel: groups from top to bottom, the series in order within each."""
    count = max(1, len(panel.series))
    step = SERIES_HEIGHT / (GROUP_GAP + SERIES_HEIGHT * count)
    for place, group in enumerate(panel.groups):
        if place % 2:
            ax.axhspan(place - 0.5, place + 0.5, color="#F4F4F4", zorder=0, linewidth=0)
        for number, series in enumerate(panel.series):
            if (figure := series.points.get(group)) is None:
                continue
            y = place + (number - (count - 1) / 2) * step
            colour = COLOURS[series.colour % len(COLOURS)]
            ax.hlines(y, figure.low, figure.high, color=colour, linewidth=1.6, zorder=3)
            if window and not window[0] <= figure.mean <= window[1]:
                _outside(ax, figure.mean, y, window, colour)
                continue
            ax.plot(
                figure.mean,
                y,
                marker=MARKERS[series.marker % len(MARKERS)],
                color=colour,
                markersize=6,
                markeredgecolor="white",
                markeredgewidth=0.6,
                linestyle="none",
                zorder=4,
            )
        if group in panel.ticks:
            ax.vlines(
                panel.ticks[group], place - 0.42, place + 0.42, color="#555555", ls=":", zorder=2
            )
    for value in panel.lines.values():
        ax.axvline(value, color="#555555", linewidth=1, linestyle=":", zorder=2)
    ax.set_ylim(len(panel.groups) - 0.5, -0.5)
    ax.set_yticks(range(len(panel.groups)), [printable(group) for group in panel.groups])
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color="#DDDDDD", linewidth=0.6, zorder=1)
    ax.set_axisbelow(True)
    for name, value in panel.lines.items():
        ax.annotate(
            name,
            (value, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=8,
            color="#555555",
        )
    if panel.title:
        ax.set_title(printable(panel.title), loc="left", weight="bold", pad=14)


def _outside(ax: Axes, mean: float, y: float, window: tuple[float, float], colour: str) -> None:
    """Draw an arrow at the edge and the value outside the window."""
    over = mean > window[1]
    ax.annotate(
        f"{mean:.0f}",
        (window[over], y),
        xytext=(-22 if over else 22, 0),
        textcoords="offset points",
        ha="right" if over else "left",
        va="center",
        fontsize=8,
        color=colour,
        # The interval may pass behind the number.
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.6},
        zorder=5,
    )


def _names(chart: Chart) -> dict[str, tuple[int, int]]:
    """Name of each series -> its marker and colour."""
    found: dict[str, tuple[int, int]] = {}
    for panel in chart.panels:
        for series in panel.series:
            found.setdefault(series.name, (series.marker, series.colour))
    return found


def _handles(chart: Chart, names: dict[str, tuple[int, int]]) -> Iterator[Any]:
    from matplotlib.lines import Line2D

    for name, (marker, colour) in names.items():
        yield Line2D(
            [],
            [],
            marker=MARKERS[marker % len(MARKERS)],
            color=COLOURS[colour % len(COLOURS)],
            label=printable(name),
            markeredgecolor="white",
            markeredgewidth=0.6,
        )
    if any(panel.ticks for panel in chart.panels):
        yield Line2D([], [], color="#555555", linestyle=":", label="chance")
