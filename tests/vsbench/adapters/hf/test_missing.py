"""Where PyTorch is not installed."""

import sys

import pytest

from vsbench.adapters import open_adapter
from vsbench_envs.errors import MissingExtraError


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_what_to_install_is_told(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    for name in [name for name in sys.modules if name.startswith("vsbench.adapters.hf")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    if package == "transformers":
        pytest.importorskip("torch", reason="without torch, that is what is missed first")
    with pytest.raises(MissingExtraError, match=rf"'{package}': pip install 'vsbench\[hf\]'"):
        open_adapter("hf/some/model")
