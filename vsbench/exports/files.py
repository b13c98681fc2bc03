"""Export tables as files of a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from vsbench.datasets.samples import Progress
from vsbench.errors import UsageError
from vsbench.exports.tables import TABLES, Sources, TableName, read_tables
from vsbench.exports.writers import WRITERS, Format
from vsbench.output_paths import refuse_orphan, refuse_record, write_errors
from vsbench.records.bundle import SUFFIX, pack
from vsbench.records.results import AnchorSet


def export_tables(
    sources: Sources,
    folder: Path,
    tables: Sequence[TableName] = (),
    *,
    form: Format = "parquet",
    anchors: AnchorSet = "paper",
    force: bool = False,
    progress: Progress = lambda more: None,
) -> list[Path]:
    """Write tables into a folder, a file each; after an error the folder is as it was.

    Args:
        sources: runs and tournaments.
        folder: created if missing; other files in it stay.
        tables: names of tables; by default the standard ones.
        form: format of the files.
        anchors: that returns are normalised by.
        force: overwrite existing files.
        progress: as for :func:`vsbench.exports.tables.read_tables`.

    Returns:
        The files, in the order of ``tables``.

    Raises:
        UsageError: a file exists or cannot be written, or a run is damaged.
        MissingExtraError: Parquet needs pyarrow.
    """
    tables = tables or sources.standard
    refuse_record(folder)
    refuse_orphan(folder)
    paths = {name: folder / f"{name}.{form}" for name in tables}
    refuse_existing(paths.values(), force)
    with replacing(folder) as temporary:
        write_tables(sources, temporary, tables, form, anchors, progress)
    return list(paths.values())


def write_tables(
    sources: Sources,
    folder: Path,
    tables: Sequence[TableName],
    form: Format,
    anchors: AnchorSet = "paper",
    progress: Progress = lambda more: None,
) -> dict[TableName, int]:
    """Write tables into a folder that nobody else uses, and return the number of rows of each."""
    rows = dict.fromkeys(tables, 0)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(WRITERS[form](folder / f"{name}.{form}", TABLES[name]))
            for name in tables
        }
        for name, row in read_tables(sources, tables, anchors, progress):
            writers[name](row)
            rows[name] += 1
    return rows


def export_bundle(sources: Sources, file: Path, *, force: bool = False) -> Path:
    """Write a run to a bundle, and return the bundle's path.

    Raises:
        UsageError: there are several runs, the file exists or cannot be written, or the run is
            damaged or too large.
    """
    if len(sources.runs) > 1:
        raise UsageError(f"a bundle holds one run, and these are {len(sources.runs)}")
    if file.suffix != SUFFIX:
        raise UsageError(f"{file}: the name of a bundle ends in {SUFFIX}")
    refuse_record(file.parent)
    refuse_orphan(file)
    refuse_existing([file], force)
    with write_errors(file):
        pack(sources.runs[0].directory, file)
    return file


def refuse_existing(paths: Iterable[Path], force: bool) -> None:
    """Raise UsageError if a file exists, unless it may be overwritten."""
    if not force and (taken := [path for path in paths if path.exists()]):
        raise UsageError(f"{taken[0]} already exists; choose another folder, or give --force")


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A temporary folder whose files are moved into ``folder`` at the end if there was no error.

    Raises:
        UsageError: the folder cannot be written.
    """
    new = not folder.exists()
    with write_errors(folder):
        folder.mkdir(exist_ok=True)
        try:
            with tempfile.TemporaryDirectory(prefix=".vsbench-", dir=folder) as name:
                yield Path(name)
                for path in sorted(Path(name).rglob("*")):
                    target = folder / path.relative_to(name)
                    if path.is_dir():
                        target.mkdir(exist_ok=True)
                    else:
                        path.replace(target)
        except BaseException:
            if new:
                with suppress(OSError):
                    folder.rmdir()
            raise
