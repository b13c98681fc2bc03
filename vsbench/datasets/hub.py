"""Folders as dataset hubs expect them: ``README.md`` with a card, and Parquet files."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CITATION = """## Citation

```bibtex
@article{xu2025vsbench,
  title = {VS-Bench: Evaluating VLMs for Strategic Abilities in Multi-Agent Environments},
  author = {Xu, Zelai and Xu, Zhexuan and Yi, Xiangmin and Yuan, Huining and Guang, Mo and
            Long, Kaiwen and Chen, Xinlei and Wu, Yi and Yu, Chao and Wang, Yu},
  journal = {arXiv preprint arXiv:2506.02387},
  year = {2025}
}
```
"""
"""Of the benchmark's paper."""


@dataclass(frozen=True)
class HubCard:
    """The card of a folder."""

    title: str
    configs: Mapping[str, str]
    """Name of each part that can be loaded -> its file, relative to the folder."""
    body: str
    """Markdown after the front matter."""
    license: str | None = None
    """The hub's identifier of a licence, such as ``cc-by-4.0``."""
    task_categories: Sequence[str] = ()

    @property
    def text(self) -> str:
        """``README.md``: front matter in YAML, the body, and how to cite the benchmark."""
        # JSON's strings are YAML's, too.
        lines = [f"pretty_name: {json.dumps(self.title)}"]
        if self.license:
            lines.append(f"license: {json.dumps(self.license)}")
        lines += ["language:", "- en"]
        if self.task_categories:
            lines += ["task_categories:", *(f"- {name}" for name in self.task_categories)]
        lines += ["tags:", "- multi-agent", "- games", "- vision-language", "configs:"]
        for name, path in self.configs.items():
            lines += [f"- config_name: {name}", "  data_files:"]
            lines += ["  - split: test", f"    path: {path}"]
        return "\n".join(["---", *lines, "---", "", self.body.strip(), "", CITATION])


def write_card(folder: Path, card: HubCard) -> None:
    """Write ``README.md``.

    Raises:
        OSError: it cannot be written.
    """
    (folder / "README.md").write_text(card.text, encoding="utf-8")


def upload_command(folder: Path) -> str:
    """The command by which a user uploads a folder to the Hugging Face hub."""
    return f"hf upload USER/NAME {shlex.quote(str(folder))} . --repo-type dataset"
