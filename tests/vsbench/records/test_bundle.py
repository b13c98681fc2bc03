"""Runs as one file, and what is refused of files from strangers."""

import io
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from vsbench.errors import UsageError
from vsbench.records.bounds import MAX_BUNDLED_BYTES, MAX_UNPACKED_BYTES
from vsbench.records.bundle import pack, unpack
from vsbench.verification.run import verify

Entry = Callable[[tarfile.TarInfo], object]

RECORD = b'{"format": "vsbench-run"}'


def archive(*entries: tuple[str, bytes], change: Entry | None = None, form: int = 0) -> bytes:
    """A tar archive of files; ``change`` changes the last header."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form or tarfile.USTAR_FORMAT) as tar:
        for place, (name, content) in enumerate(entries):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            if change and place == len(entries) - 1:
                change(entry)
            tar.addfile(entry, io.BytesIO(content))
    # Without the padding to records of twenty blocks.
    return packed.getvalue().rstrip(b"\0") + bytes(
        -len(packed.getvalue().rstrip(b"\0")) % 512 + 1024
    )


def written(path: Path, packed: bytes, **options: int) -> Path:
    path.write_bytes(zstd.compress(packed, 3))
    return path


def test_a_run_comes_back_as_it_was(run: Path, tmp_path: Path) -> None:
    (run / "replays").mkdir()
    (run / "replays" / "kuhn_poker-0000.html").write_text("a page")
    digest = pack(run, tmp_path / "run.vsb")
    unpack(tmp_path / "run.vsb", tmp_path / "back")
    files = {path.relative_to(run) for path in run.rglob("*") if path.is_file()}
    back = {path.relative_to(tmp_path / "back") for path in (tmp_path / "back").rglob("*.*")}
    record = {path for path in files if path.parts[0] not in ("replays", ".lock")}
    assert {path for path in back if (tmp_path / "back" / path).is_file()} == record
    assert all(
        (run / path).read_bytes() == (tmp_path / "back" / path).read_bytes() for path in record
    )
    assert not verify(tmp_path / "back").findings
    assert pack(tmp_path / "back", tmp_path / "again.vsb") == digest


def test_equal_runs_give_equal_bundles(run: Path, tmp_path: Path) -> None:
    pack(run, tmp_path / "one.vsb")
    for path in run.rglob("*"):
        path.chmod(0o700)
        path.touch()
    pack(run, tmp_path / "other.vsb")
    assert (tmp_path / "one.vsb").read_bytes() == (tmp_path / "other.vsb").read_bytes()


def test_a_foreign_file_is_not_packed(run: Path, tmp_path: Path) -> None:
    (run / "journal" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"journal/notes\.txt is no part of a run"):
        pack(run, tmp_path / "run.vsb")
    assert list(tmp_path.glob("*.vsb")) == []


def test_a_linked_file_is_not_packed(run: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a key")
    (run / "prompts" / "x.j2").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="not a regular file"):
        pack(run, tmp_path / "run.vsb")


def _as_link(kind: bytes) -> Entry:
    def change(entry: tarfile.TarInfo) -> None:
        entry.type, entry.linkname, entry.size = kind, "/etc/passwd", 0

    return change


def _aged(entry: tarfile.TarInfo) -> None:
    entry.mtime = 5


def _owned(entry: tarfile.TarInfo) -> None:
    entry.uid, entry.uname = 1000, "somebody"


HOSTILE: dict[str, tuple[bytes, str]] = {
    "a path upwards": (archive(("../run.json", RECORD)), "'../run.json' is no part of a run"),
    "an absolute path": (archive(("/tmp/run.json", RECORD)), "is no part of a run"),
    "a path upwards below": (archive(("prompts/../../x.j2", RECORD)), "is no part of a run"),
    "another name": (archive(("run.json.exe", RECORD)), "is no part of a run"),
    "a terminal's command": (archive(("\x1b[2Jrun.json", RECORD)), r"\\x1b\[2J"),
    "a symbolic link": (archive(("run.json", b""), change=_as_link(tarfile.SYMTYPE)), "plain file"),
    "a hard link": (archive(("run.json", b""), change=_as_link(tarfile.LNKTYPE)), "plain file"),
    "a device": (archive(("run.json", b""), change=_as_link(tarfile.CHRTYPE)), "plain file"),
    "a FIFO": (archive(("run.json", b""), change=_as_link(tarfile.FIFOTYPE)), "plain file"),
    "a folder": (archive(("prompts", b""), change=_as_link(tarfile.DIRTYPE)), "no part of a run"),
    "a time": (archive(("run.json", RECORD), change=_aged), "without times and owners"),
    "an owner": (archive(("run.json", RECORD), change=_owned), "without times and owners"),
    "a duplicate": (archive(("run.json", RECORD), ("run.json", RECORD)), "there twice"),
    "another order": (archive(("results.json", RECORD), ("run.json", RECORD)), "out of order"),
    "an extended header": (
        archive((f"prompts/{'x' * 300}.j2", RECORD), form=tarfile.PAX_FORMAT),
        "no part of a run|no tar archive",
    ),
    "nothing": (bytes(1024), "it is empty"),
    "no archive": (b"once upon a time " * 100, "no tar archive"),
    "an archive that goes on": (archive(("run.json", RECORD)) + bytes(512), "follows the end"),
    "an archive that breaks off": (archive(("run.json", RECORD))[:-700], "ends too early"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_archives_are_refused(case: str, tmp_path: Path) -> None:
    packed, message = HOSTILE[case]
    with pytest.raises(UsageError, match=message) as refusal:
        unpack(written(tmp_path / "x.vsb", packed), tmp_path / "into" / "it")
    assert "\x1b" not in str(refusal.value)
    outside = {path.name for path in tmp_path.rglob("*")} - {"x.vsb", "into", "it"}
    assert outside <= {"run.json", "results.json", "prompts"}


def _sized(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry.tobuf(tarfile.USTAR_FORMAT)


def _bomb(path: Path, headers: list[tuple[str, int]]) -> Path:
    with path.open("wb") as file, zstd.ZstdFile(file, "wb", level=1) as packed:
        for name, size in headers:
            packed.write(_sized(name, size))
            for _ in range(0, size, 1 << 20):
                packed.write(bytes(min(size, 1 << 20)))
    return path


def test_a_large_member_is_refused_by_its_header(tmp_path: Path) -> None:
    bomb = _bomb(tmp_path / "bomb.vsb", [("run.json", MAX_BUNDLED_BYTES + (1 << 20))])
    assert bomb.stat().st_size < 1 << 16
    with pytest.raises(UsageError, match=r"run\.json has 34,603,008 bytes; the limit is"):
        unpack(bomb, tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_many_members_are_refused_at_the_limit_of_all(tmp_path: Path) -> None:
    count = MAX_UNPACKED_BYTES // MAX_BUNDLED_BYTES + 1
    names = [(f"journal/decision/hanabi/{n:04d}.jsonl", MAX_BUNDLED_BYTES) for n in range(count)]
    bomb = _bomb(tmp_path / "bomb.vsb", names)
    began = time.process_time()
    with pytest.raises(UsageError, match="its files have more than 268,435,456 bytes"):
        unpack(bomb, tmp_path / "into")
    assert time.process_time() - began < 10


@pytest.mark.slow
def test_too_many_members_are_refused(tmp_path: Path) -> None:
    headers = b"".join(
        _sized(f"journal/decision/hanabi/{number:05d}.jsonl", 0) for number in range(10_000, 30_001)
    )
    with pytest.raises(UsageError, match="more than 20,000 files"):
        unpack(written(tmp_path / "x.vsb", headers + bytes(1024)), tmp_path / "into")


def test_a_large_window_is_refused(tmp_path: Path) -> None:
    wide = {
        zstd.CompressionParameter.window_log: 27,
        zstd.CompressionParameter.content_size_flag: 0,
        zstd.CompressionParameter.enable_long_distance_matching: 1,
    }
    compressor = zstd.ZstdCompressor(options=wide)
    packed = compressor.compress(archive(("run.json", RECORD))) + compressor.flush()
    (tmp_path / "x.vsb").write_bytes(packed)
    with pytest.raises(UsageError, match="not a bundle of a run"):
        unpack(tmp_path / "x.vsb", tmp_path / "into")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{}" * 999])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.vsb").write_bytes(content)
    with pytest.raises(UsageError, match=r"x\.vsb is not a bundle of a run"):
        unpack(tmp_path / "x.vsb", tmp_path / "into")


def test_damage_is_noticed(run: Path, tmp_path: Path) -> None:
    pack(run, tmp_path / "run.vsb")
    packed = bytearray((tmp_path / "run.vsb").read_bytes())
    for place in range(0, len(packed), max(1, len(packed) // 40)):
        damaged = bytes(packed[:place]) + bytes([packed[place] ^ 0x55]) + bytes(packed[place + 1 :])
        (tmp_path / "bad.vsb").write_bytes(damaged)
        with pytest.raises(UsageError):
            unpack(tmp_path / "bad.vsb", tmp_path / f"into-{place}")
    (tmp_path / "bad.vsb").write_bytes(bytes(packed) + b"x")
    with pytest.raises(UsageError, match="follows the end"):
        unpack(tmp_path / "bad.vsb", tmp_path / "into")
