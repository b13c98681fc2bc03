"""Opening a model: what cannot be used is reported before anything is asked or written."""

import asyncio
import gc
import json
import os
import shutil
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from questions import kuhn_question, text_question
from tiny_vlm import torch, transformers, write_text_model, write_vlm
from vsbench.adapters import AdapterOptions, Reply, Sampling, open_adapter
from vsbench.adapters.base import BadRequestError
from vsbench.adapters.hf import HFOptions, loading
from vsbench.adapters.hf.adapter import HF
from vsbench.adapters.hf.batching import Batcher, Job
from vsbench.adapters.hf.generation import Generation
from vsbench_envs.errors import MissingExtraError


def refused(name: str, **extra: str) -> str:
    with pytest.raises(BadRequestError) as caught:
        open_adapter(f"hf/{name}", AdapterOptions(extra=extra))
    return str(caught.value)


def test_a_model_without_eyes_is_refused(tmp_path: Path) -> None:
    said = refused(str(write_text_model(tmp_path)))
    assert f"hf/{tmp_path} cannot see: models of type 'llama' take text" in said


def test_a_model_whose_processor_has_no_eyes_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    monkeypatch.setattr(loading.AutoProcessor, "from_pretrained", lambda *_, **__: tokenizer)
    assert "cannot see" in refused(str(folder))


def test_a_model_that_was_not_tuned_to_answer_is_refused(tmp_path: Path) -> None:
    assert "has no chat template" in refused(str(write_vlm(tmp_path, template=None)))


@pytest.mark.parametrize("name", ["/no/such/folder", "./nor/this", "~/nor-that", "../nor this"])
def test_a_folder_that_holds_no_model(name: str) -> None:
    assert f"hf/{name}: no model found" in refused(name)


def test_a_folder_must_be_written_as_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert f"write hf/./{folder.name} for the folder" in refused(folder.name)


async def test_a_folder_from_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    adapter = open_adapter(f"hf/./{folder.name}")
    reply = await adapter.complete(replace(text_question("x"), max_tokens=2))
    assert reply.served_model == f"./{folder.name}"
    await adapter.close()


def test_a_model_that_the_hub_does_not_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "hf/nobody/nothing cannot be loaded: " in refused("nobody/nothing")


def test_broken_files(folder: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(folder, tmp_path / "broken"))
    (broken / "model.safetensors").write_bytes(b"not tensors")
    assert "cannot be loaded: " in refused(str(broken))
    (broken / "config.json").write_text("{")
    assert "cannot be loaded: " in refused(str(broken))


def test_code_that_comes_with_a_model_does_not_run_unasked(folder: Path, tmp_path: Path) -> None:
    strange = Path(shutil.copytree(folder, tmp_path / "strange"))
    config = json.loads((strange / "config.json").read_text())
    own = {"auto_map": {"AutoConfig": "own.Config"}, "model_type": "unheard_of"}
    (strange / "config.json").write_text(json.dumps(config | own))
    (strange / "own.py").write_text("raise SystemExit('it ran')")
    assert "trust_remote_code" in refused(str(strange))


def test_a_model_larger_than_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(loading.AutoModelForImageTextToText, "from_pretrained", full)
    assert "out of memory" in refused(str(folder))


def test_packages_that_a_model_needs_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*arguments: object, **options: object) -> None:
        raise ImportError("AutoVideoProcessor requires\n the Torchvision library")

    monkeypatch.setattr(loading.AutoProcessor, "from_pretrained", lacking)
    with pytest.raises(MissingExtraError, match=r"needs more packages: .* the Torchvision library"):
        open_adapter(f"hf/{folder}")


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"batchsize": "4"}, "no option 'hf.batchsize'; did you mean 'hf.batch_size'? (known: "),
        ({"batch_size": "0"}, "hf.batch_size: Input should be greater than 0, not '0'"),
        ({"dtype": "float8"}, "hf.dtype: Input should be 'auto', "),
        ({"device": "toaster"}, "hf.device cannot be 'toaster'"),
    ],
)
def test_wrong_options_are_named(folder: Path, extra: dict[str, str], told: str) -> None:
    assert told in refused(str(folder), **extra)


def test_a_device_that_is_not_there(folder: Path) -> None:
    assert "cannot be loaded: " in refused(str(folder), device="xpu:7")


async def test_weights_are_of_the_type_asked(folder: Path) -> None:
    extra = {"dtype": "bfloat16", "device": "cpu"}
    vlm = loading.load(str(folder), HFOptions.model_validate(extra))
    assert vlm.model.dtype == torch.bfloat16
    adapter = open_adapter(f"hf/{folder}", AdapterOptions(extra=extra))
    reply = await adapter.complete(replace(kuhn_question(), max_tokens=4))
    assert reply.usage.output == 4
    await adapter.close()


async def test_closing_releases_the_model(folder: Path) -> None:
    vlm = loading.load(str(folder), HFOptions())
    model = weakref.ref(vlm.model)
    adapter = HF(vlm, Batcher(Generation(vlm), 1, 0.0), 60.0)
    del vlm
    await adapter.complete(replace(text_question("x"), max_tokens=2))
    assert model() is not None
    await adapter.close()
    gc.collect()
    assert model() is None


def test_the_address_tells_when_a_folder_was_written(folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(folder, tmp_path / "copied"))
    before = loading.load(str(copied), HFOptions()).address
    assert before.startswith(f"{copied} of ")
    assert loading.load(str(copied), HFOptions()).address == before
    os.utime(copied / "model.safetensors", (2e9, 2e9))
    assert (
        loading.load(str(copied), HFOptions()).address == f"{copied} of 2033-05-18T03:33:20+00:00"
    )


async def test_what_nobody_waits_for_is_not_finished(folder: Path) -> None:
    vlm = loading.load(str(folder), HFOptions())
    generation, begun = Generation(vlm), threading.Event()

    def answer(jobs: Sequence[Job]) -> list[Reply]:
        begun.set()
        return generation(jobs)

    adapter = HF(vlm, Batcher(answer, 1, 0.0), 60.0)
    greedy = Sampling(temperature=0.0)
    endless = replace(text_question("x"), max_tokens=16_000, sampling=greedy)
    call = asyncio.ensure_future(adapter.complete(endless))
    assert await asyncio.to_thread(begun.wait, 20)
    assert not call.done()
    call.cancel()
    started = time.monotonic()
    await adapter.complete(replace(endless, max_tokens=2))
    assert time.monotonic() - started < 5
    await adapter.close()


def test_the_tiny_model_is_one_that_transformers_knows(folder: Path) -> None:
    config = transformers.AutoConfig.from_pretrained(folder)
    assert loading._sees(config)
