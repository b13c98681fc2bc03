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
        sources: Runs and tournaments.
        folder: Created if missing; other files in it stay.
        tables: Names of tables; by default the standard ones.
        form: Format of the files.
        anchors: That returns are normalised by.
        force: Overwrite existing files.
        progress: As for :func:`vsbench.exports.tables.read_tables`.

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
    with replacing(folder) as temporary, ExitStack() as stack:
        writers = {
            name: stack.enter_context(WRITERS[form](temporary / path.name, TABLES[name]))
            for name, path in paths.items()
        }
        for name, row in read_tables(sources, tables, anchors, progress):
            writers[name](row)
    return list(paths.values())


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
                for path in sorted(Path(name).iterdir()):
                    path.replace(folder / path.name)
        except BaseException:
            if new:
                with suppress(OSError):
                    folder.rmdir()
            raise
