"""Loading a model, and telling early why one will not do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from transformers import (
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING,
    AutoConfig,
    AutoModelForImageTextToText,
    AutoProcessor,
)

from vsbench.adapters.base import BadRequestError
from vsbench.adapters.hf.failure import is_out_of_memory, told
from vsbench.adapters.hf.options import HFOptions
from vsbench.adapters.hf.templates import USUAL, ChatForm, chat_form
from vsbench_envs.errors import MissingExtraError


@dataclass(frozen=True)
class VLM:
    """A model that sees, and the processor that goes with it."""

    model: Any
    """A ``PreTrainedModel`` with ``generate``."""
    processor: Any
    """A ``ProcessorMixin``, padding on the left."""
    name: str
    """Its name, with the commit where it is from the hub."""
    address: str
    """Where it is: the commit of the hub, or the folder and when that was last written to."""
    form: ChatForm = USUAL
    """What its chat template takes."""

    @property
    def context(self) -> int | None:
        """Most tokens of prompt and reply together, where the model tells."""
        length = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        return length if isinstance(length, int) else None


def load(name: str, options: HFOptions) -> VLM:
    """The model of this name.

    Raises:
        BadRequestError: there is none, it cannot see or be spoken to, or it does not load.
        MissingExtraError: it needs a package that is not installed.
    """
    source = _source(name)
    origin = {"revision": options.revision, "trust_remote_code": options.trust_remote_code}
    origin = {key: value for key, value in origin.items() if value is not None}
    placed = _placed(options.device)
    try:
        config = AutoConfig.from_pretrained(source, **origin)
        _check_sight(name, _sees(config), config.model_type)
        processor = AutoProcessor.from_pretrained(source, **origin)
        _check_sight(name, hasattr(processor, "image_processor"), config.model_type)
        _check_speech(name, processor)
        form = chat_form(processor)
        model = AutoModelForImageTextToText.from_pretrained(
            source, dtype=options.dtype, **placed, **origin
        )
    except BadRequestError as error:
        raise BadRequestError(_named(name, str(error))) from None
    except ImportError as error:
        raise MissingExtraError(f"hf/{name} needs more packages: {told(error)}") from error
    # Loading runs the code of many packages over files of any kind: it can fail in every way.
    except Exception as error:
        if is_out_of_memory(error):
            said = "the memory does not hold it; try hf.dtype=bfloat16, or a smaller model"
        else:
            said = told(error)
        raise BadRequestError(f"hf/{name} cannot be loaded: {said}") from error
    tokenizer = processor.tokenizer
    # Replies grow on the right, so that prompts of different lengths must end together.
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    commit = getattr(config, "_commit_hash", None)
    full_name = f"{name}@{commit}" if commit else name
    return VLM(model.eval(), processor, full_name, _written(source) or full_name, form)


def _named(name: str, problem: str) -> str:
    return problem if name in problem else f"hf/{name} cannot be asked: {problem}"


def _source(name: str) -> str:
    """What transformers is to load: a folder, or a name of the hub."""
    if not name.startswith(("/", "./", "../", "~")):
        # transformers would silently take the folder.
        if Path(name).is_dir():
            raise BadRequestError(
                f"hf/{name} is a model of the hub, yet there is a folder of that name here: "
                f"write hf/./{name} for the folder"
            )
        return name
    folder = Path(name).expanduser()
    if not (folder / "config.json").is_file():
        raise BadRequestError(f"hf/{name}: no model there ({folder / 'config.json'} is missing)")
    return str(folder)


def _written(source: str) -> str:
    """A folder and when its files were written; empty for a name of the hub."""
    if not Path(source).is_dir():
        return ""
    latest = max(path.stat().st_mtime for path in Path(source).iterdir())
    return f"{Path(source).resolve()} of {datetime.fromtimestamp(latest, UTC).isoformat()}"


def _placed(device: str) -> dict[str, str]:
    """Where ``from_pretrained`` is to put the weights; on the CPU unless told."""
    if device == "auto":
        return {"device_map": "auto"} if torch.accelerator.is_available() else {}
    try:
        kind = torch.device(device).type
    except RuntimeError:
        raise BadRequestError(
            f"hf.device cannot be {device!r}: write auto, cpu, cuda, cuda:1, mps, ..."
        ) from None
    return {} if kind == "cpu" else {"device_map": device}


def _sees(config: Any) -> bool:
    own = getattr(config, "auto_map", None) or {}
    return type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING or (
        AutoModelForImageTextToText.__name__ in own
    )


def _check_sight(name: str, sees: bool, kind: str) -> None:
    if not sees:
        raise BadRequestError(
            f"hf/{name} cannot see: models of type {kind!r} take text, but no pictures with it. "
            "Choose an image-text-to-text model"
        )


def _check_speech(name: str, processor: Any) -> None:
    if not processor.chat_template:
        raise BadRequestError(
            f"hf/{name} has no chat template, so it cannot be asked in messages: "
            "choose a model that was tuned to follow instructions"
        )
