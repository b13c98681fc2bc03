import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from vsbench.adapters import Adapter, AdapterOptions, open_adapter


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that sees, on disk."""
    # What this file imported could not be left out where PyTorch is missing.
    from tiny_vlm import write_vlm

    return write_vlm(tmp_path_factory.mktemp("hf") / "tiny")


@pytest.fixture(scope="module")
def vlm(folder: Path) -> Iterator[Adapter]:
    """The same, loaded."""
    adapter = open_adapter(f"hf/{folder}", AdapterOptions(timeout=60.0))
    yield adapter
    asyncio.run(adapter.close())
