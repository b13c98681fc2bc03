"""Runs as a forger or a kill leaves them."""

import json
from pathlib import Path

from vsbench.records.chain import first_head


def kill_after(run: Path, lines: int, torn: bytes = b'{"type":') -> None:
    """Leave of a run what a kill leaves: its first lines, and a part of the next one."""
    for path in run.glob("journal/*/*/*.jsonl"):
        kept = path.read_bytes().splitlines(keepends=True)
        numbers = [json.loads(line)["line"] for line in kept]
        end = torn if lines in numbers else b""
        texts = [line for line, number in zip(kept, numbers, strict=True) if number < lines]
        path.write_bytes(b"".join(texts) + end)
        if not texts and not end:
            path.unlink()
    (run / "results.json").unlink(missing_ok=True)


def forge_chain(run: Path) -> None:
    """Seal the lines of a run anew, in the order in which they were, and fit its results to them.

    Lines that are no JSON objects stay as they are.
    """
    if not (run / "run.json").is_file():
        return
    head = first_head((run / "run.json").read_bytes())
    plain = [path for path in run.glob("journal/*/*/*.jsonl") if path.is_file()]
    journals = {path: path.read_bytes().split(b"\n") for path in plain}
    lines = []
    for path, texts in journals.items():
        for place, text in enumerate(texts):
            try:
                record = json.loads(text)
                lines.append((record.pop("line", -1), str(path), place, record))
                del record["chain"]
            except (ValueError, AttributeError, KeyError, RecursionError):
                continue
    for _, name, place, record in sorted(lines, key=lambda line: line[:3]):
        path = Path(name)
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()
        head, journals[path][place] = head.sealed(path.relative_to(run).as_posix(), text)
    for path, texts in journals.items():
        path.write_bytes(b"\n".join(texts))
    results = run / "results.json"
    if results.is_file():
        content = json.loads(results.read_bytes())
        if isinstance(content, dict):
            content["head"] = head.model_dump()
            results.write_text(json.dumps(content))
