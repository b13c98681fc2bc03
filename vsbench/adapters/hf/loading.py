"""Load a model, and check that it can be used."""

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
from vsbench.adapters.hf import HFOptions
from vsbench.adapters.hf.errors import is_out_of_memory, one_line
from vsbench.adapters.hf.prompts import DEFAULT_FORMAT, ChatFormat, detect_chat_format
from vsbench_envs.errors import MissingExtraError


@dataclass(frozen=True)
class VLM:
    """A vision-language model and its processor."""

    model: Any
    """A ``PreTrainedModel`` with ``generate``."""
    processor: Any
    """A ``ProcessorMixin`` that pads on the left."""
    name: str
    """Its name, with the commit if it is from the hub."""
    address: str
    """The commit of the hub, or the folder and the time of its last change."""
    chat_format: ChatFormat = DEFAULT_FORMAT
    """The form of conversations that its chat template takes."""

    @property
    def context(self) -> int | None:
        """Most tokens of prompt and reply together; None if unknown."""
        length = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        return length if isinstance(length, int) else None


def load(name: str, options: HFOptions) -> VLM:
    """Load the model of this name.

    Raises:
        BadRequestError: there is none, it lacks vision or a chat template, or loading fails.
        MissingExtraError: it needs a package that is not installed.
    """
    source = _source(name)
    origin = {"revision": options.revision, "trust_remote_code": options.trust_remote_code}
    origin = {key: value for key, value in origin.items() if value is not None}
    placement = _placement(options.device)
    try:
        config = AutoConfig.from_pretrained(source, **origin)
        _check_vision(name, _sees(config), config.model_type)
        processor = AutoProcessor.from_pretrained(source, **origin)
        _check_vision(name, hasattr(processor, "image_processor"), config.model_type)
        _check_chat_template(name, processor)
        chat_format = detect_chat_format(processor)
        model = AutoModelForImageTextToText.from_pretrained(
            source, dtype=options.dtype, **placement, **origin
        )
    except BadRequestError as error:
        raise BadRequestError(_with_name(name, str(error))) from None
    except ImportError as error:
        raise MissingExtraError(f"hf/{name} needs more packages: {one_line(error)}") from error
    # Loading runs code of many packages on files of any kind, and fails in every way.
    except Exception as error:
        if is_out_of_memory(error):
            reason = "out of memory; try hf.dtype=bfloat16, or a smaller model"
        else:
            reason = one_line(error)
        raise BadRequestError(f"hf/{name} cannot be loaded: {reason}") from error
    tokenizer = processor.tokenizer
    # Replies extend prompts on the right, so prompts of different lengths must end together.
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    commit = getattr(config, "_commit_hash", None)
    full_name = f"{name}@{commit}" if commit else name
    return VLM(
        model.eval(), processor, full_name, _folder_version(source) or full_name, chat_format
    )


def _with_name(name: str, problem: str) -> str:
    return problem if name in problem else f"hf/{name} cannot be used: {problem}"


def _source(name: str) -> str:
    """The folder, or the name of the hub, that transformers should load."""
    if not name.startswith(("/", "./", "../", "~")):
        # transformers would silently take the folder.
        if Path(name).is_dir():
            raise BadRequestError(
                f"hf/{name} is a model of the hub, but a folder of that name exists: "
                f"write hf/./{name} for the folder"
            )
        return name
    folder = Path(name).expanduser()
    if not (folder / "config.json").is_file():
        raise BadRequestError(f"hf/{name}: no model found ({folder / 'config.json'} is missing)")
    return str(folder)


def _folder_version(source: str) -> str:
    """A folder and the time of its last change; empty for a name of the hub."""
    if not Path(source).is_dir():
        return ""
    latest = max(path.stat().st_mtime for path in Path(source).iterdir())
    return f"{Path(source).resolve()} of {datetime.fromtimestamp(latest, UTC).isoformat()}"


def _placement(device: str) -> dict[str, str]:
    """Arguments of ``from_pretrained`` for the device; it takes the CPU by default."""
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


def _check_vision(name: str, sees: bool, kind: str) -> None:
    if not sees:
        raise BadRequestError(
            f"hf/{name} cannot see: models of type {kind!r} take text without pictures. "
            "Choose an image-text-to-text model"
        )


def _check_chat_template(name: str, processor: Any) -> None:
    if not processor.chat_template:
        raise BadRequestError(f"hf/{name} has no chat template: choose an instruction-tuned model")
