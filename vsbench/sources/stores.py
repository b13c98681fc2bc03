"""Keep bundles of runs by name: in a directory, or in an object store."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vsbench.errors import UsageError
from vsbench_envs.errors import MissingExtraError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_OBJECT = re.compile(r"(s3|gs|az)://", re.IGNORECASE)


class Store(Protocol):
    """Files by name; slashes in names are folders."""

    def names(self, folder: str) -> list[str]:
        """List the files in a folder, sorted; none if it does not exist. Raises UsageError."""
        ...

    def fetch(self, name: str, to: Path, most: int) -> None:
        """Copy a file of at most ``most`` bytes to a path. Raises UsageError."""
        ...

    def put(self, name: str, file: Path) -> None:
        """Keep a copy of a file; readers see all of it or nothing. Raises UsageError."""
        ...

    def delete(self, name: str) -> None:
        """Delete a file; one that does not exist is ignored. Raises UsageError."""
        ...


def is_object(source: str) -> bool:
    """Whether a source is in an object store: Amazon S3, Google Cloud Storage, Azure."""
    return _OBJECT.match(source) is not None


def open_store(address: str) -> Store:
    """Open a store: a directory, or ``s3://``, ``gs://`` or ``az://`` with a bucket and a folder.

    Keys and regions of object stores are read from the environment, as their own tools do:
    ``AWS_ACCESS_KEY_ID``, ``GOOGLE_APPLICATION_CREDENTIALS``, ``AZURE_STORAGE_ACCOUNT_NAME`` and
    so on.

    Raises:
        UsageError: there can be no store at the address.
        MissingExtraError: object stores need a package that is not installed.
    """
    return _Objects(address) if is_object(address) else _Directory(Path(address))


class _Directory:
    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self, folder: str) -> list[str]:
        place = self._root / folder
        with _file_errors(place):
            if not place.is_dir():
                return []
            return sorted(f"{folder}/{path.name}" for path in place.iterdir() if path.is_file())

    def fetch(self, name: str, to: Path, most: int) -> None:
        path = self._root / name
        with _file_errors(path):
            if (size := path.stat().st_size) > most:
                raise _too_large(str(path), size, most)
            shutil.copyfile(path, to)

    def put(self, name: str, file: Path) -> None:
        path = self._root / name
        with _file_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as folder:
                copy = shutil.copyfile(file, Path(folder, path.name))
                os.replace(copy, path)  # noqa: PTH105

    def delete(self, name: str) -> None:
        path = self._root / name
        with _file_errors(path):
            path.unlink(missing_ok=True)


class _Objects:
    def __init__(self, address: str) -> None:
        try:
            from obstore.store import from_url
        except ModuleNotFoundError:
            raise MissingExtraError(
                f"{address} is in an object store, which needs the extra objects: "
                "pip install 'vsbench[objects]'"
            ) from None
        self._address = address.rstrip("/")
        with self._errors():
            self._store: ObjectStore = from_url(self._address, retry_config={"max_retries": 3})

    def names(self, folder: str) -> list[str]:
        import obstore

        with self._errors(folder):
            found = [item["path"] for part in obstore.list(self._store, folder) for item in part]
        return sorted(name for name in found if name.rpartition("/")[0] == folder)

    def fetch(self, name: str, to: Path, most: int) -> None:
        import obstore

        with self._errors(name):
            reply = obstore.get(self._store, name)
            if (size := reply.meta["size"]) > most:
                raise _too_large(f"{self._address}/{name}", size, most)
            with to.open("wb") as file:
                for part in reply.stream():
                    file.write(part)

    def put(self, name: str, file: Path) -> None:
        import obstore

        with self._errors(name):
            obstore.put(self._store, name, file)

    def delete(self, name: str) -> None:
        import obstore

        with self._errors(name):
            obstore.delete(self._store, name)

    @contextmanager
    def _errors(self, name: str = "") -> Iterator[None]:
        """Raise UsageError in place of errors of the store, without their debugging notes."""
        from obstore.exceptions import BaseError

        place = f"{self._address}/{name}" if name else self._address
        try:
            yield
        except FileNotFoundError:
            raise UsageError(f"{place} does not exist") from None
        except (BaseError, OSError, ValueError) as error:
            if isinstance(error, UsageError):
                raise
            why = str(error).partition("\n")[0]
            raise UsageError(f"{place} cannot be reached: {why}") from None


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None


def _too_large(place: str, size: int, most: int) -> UsageError:
    return UsageError(f"{place} has {size:,} bytes; the limit is {most:,}")
