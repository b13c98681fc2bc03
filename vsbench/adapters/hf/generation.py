"""Answering several requests at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from transformers import GenerationConfig

from vsbench.adapters.base import BadRequestError, Reply
from vsbench.adapters.hf.jobs import Job
from vsbench.adapters.hf.loading import VLM
from vsbench.adapters.hf.prompts import model_inputs, switches
from vsbench.adapters.hf.reply import ReplyReader
from vsbench.adapters.hf.sampling import RowSampler, asked_draw, own_draw

NO_SWITCH = "its chat template has no switch for thinking, which is as the model has it"
"""The hint about models that cannot be told whether to think."""


class Generation:
    """A model that answers requests together.

    Of the model's own generation settings, those of sampling count where a request leaves the
    choice. The others do not: penalties on repetition, say, would count padding too, and so make
    a reply depend on its batch mates.
    """

    def __init__(self, vlm: VLM) -> None:
        self._model, self._processor = vlm.model, vlm.processor
        self._context = vlm.context
        self._form = vlm.form
        own, tokenizer = vlm.model.generation_config, vlm.processor.tokenizer
        self._own_draw = own_draw(own)
        ends = own.eos_token_id if own.eos_token_id is not None else tokenizer.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        self._read = ReplyReader(tokenizer, frozenset(ends), vlm.name)
        # generate() fills what it is not told from here.
        vlm.model.generation_config = GenerationConfig(
            do_sample=False, eos_token_id=ends, pad_token_id=tokenizer.pad_token_id
        )

    def __call__(self, jobs: Sequence[Job]) -> list[Reply]:
        """A reply for each job; all are of one kind.

        Raises:
            BadRequestError: one of them cannot be answered.
        """
        requests = [job.request for job in jobs]
        inputs = model_inputs(self._processor, requests, self._form)
        mask = inputs["attention_mask"].bool()
        prompts = [ids[row].tolist() for ids, row in zip(inputs["input_ids"], mask, strict=True)]
        limits = [
            self._room(len(prompt), request.max_tokens)
            for prompt, request in zip(prompts, requests, strict=True)
        ]
        draws = [asked_draw(request.sampling, self._own_draw) for request in requests]
        ending = RowEnds(jobs, limits)
        tokens = self._model.generate(
            **inputs.to(self._model.device, dtype=self._model.dtype),
            max_new_tokens=max(limits),
            logits_processor=[RowSampler(draws, [request.seed for request in requests])],
            stopping_criteria=[ending],
        )
        # Some models give back the prompt as well.
        said = tokens[:, tokens.shape[1] - ending.steps :].tolist()
        replies = [self._read(*row) for row in zip(prompts, said, limits, strict=True)]
        sampling = requests[0].sampling
        if sampling.thinking is None or switches(self._processor.chat_template, sampling):
            return replies
        return [replace(reply, hints=(*reply.hints, NO_SWITCH)) for reply in replies]

    def _room(self, prompt: int, wanted: int) -> int:
        """Tokens that a reply can have."""
        if self._context is None:
            return wanted
        if prompt >= self._context:
            raise BadRequestError(
                f"the prompt has {prompt} tokens, pictures included, "
                f"and the model's context holds {self._context}"
            )
        return min(wanted, self._context - prompt)


class RowEnds:
    """A stopping criterion: a row ends at its own limit, or when nobody waits for it."""

    def __init__(self, jobs: Sequence[Job], limits: Sequence[int]) -> None:
        self._jobs = jobs
        self._limits = limits
        self.steps = 0
        """Tokens generated in every row, padding included."""

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        """Which rows end here, as booleans of shape (rows,)."""
        self.steps += 1
        over = [
            job.abandoned or self.steps >= limit
            for job, limit in zip(self._jobs, self._limits, strict=True)
        ]
        return torch.tensor(over, device=input_ids.device)
