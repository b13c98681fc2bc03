"""Generate replies to a batch of requests: sampling row by row, and parsing of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from transformers import GenerationConfig

from vsbench.adapters.base import BadRequestError, Reply, Sampling, Usage
from vsbench.adapters.hf.batching import Job
from vsbench.adapters.hf.loading import VLM
from vsbench.adapters.hf.prompts import model_inputs, thinking_variables
from vsbench.answers.thinking import split_thinking

NO_SWITCH = "its chat template has no switch for thinking: the model decides"
"""The hint for models whose thinking cannot be switched."""

THINKING_TOKENS = (("<think>", "</think>"), ("◁think▷", "◁/think▷"))
"""Tokens that begin and end a model's thinking; a vocabulary has at most one pair."""


class Generation:
    """A model that answers jobs together.

    Of the model's own generation settings, those of sampling apply where a request leaves the
    choice. The others do not: repetition penalties, for example, would count padding too, and so
    make a reply depend on the rest of its batch.
    """

    def __init__(self, vlm: VLM) -> None:
        self._model, self._processor = vlm.model, vlm.processor
        self._context = vlm.context
        self._format = vlm.chat_format
        own, tokenizer = vlm.model.generation_config, vlm.processor.tokenizer
        self._own = own_parameters(own)
        ends = own.eos_token_id if own.eos_token_id is not None else tokenizer.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        self._parse = ReplyParser(tokenizer, frozenset(ends), vlm.name)
        # generate() takes defaults from here.
        vlm.model.generation_config = GenerationConfig(
            do_sample=False, eos_token_id=ends, pad_token_id=tokenizer.pad_token_id
        )

    def __call__(self, jobs: Sequence[Job]) -> list[Reply]:
        """Return a reply for each job; all are of one kind.

        Raises:
            BadRequestError: one of them cannot be answered.
        """
        requests = [job.request for job in jobs]
        inputs = model_inputs(self._processor, requests, self._format)
        mask = inputs["attention_mask"].bool()
        prompts = [ids[row].tolist() for ids, row in zip(inputs["input_ids"], mask, strict=True)]
        limits = [
            self._room(len(prompt), request.max_tokens)
            for prompt, request in zip(prompts, requests, strict=True)
        ]
        parameters = [row_parameters(request.sampling, self._own) for request in requests]
        stopping = RowStopping(jobs, limits)
        tokens = self._model.generate(
            **inputs.to(self._model.device, dtype=self._model.dtype),
            max_new_tokens=max(limits),
            logits_processor=[RowSampler(parameters, [request.seed for request in requests])],
            stopping_criteria=[stopping],
        )
        # Some models return the prompt as well.
        generated = tokens[:, tokens.shape[1] - stopping.steps :].tolist()
        replies = [self._parse(*row) for row in zip(prompts, generated, limits, strict=True)]
        sampling = requests[0].sampling
        if sampling.thinking is None or thinking_variables(self._processor.chat_template, sampling):
            return replies
        return [replace(reply, hints=(*reply.hints, NO_SWITCH)) for reply in replies]

    def _room(self, prompt: int, wanted: int) -> int:
        """Most tokens of the reply to a prompt of this length."""
        if self._context is None:
            return wanted
        if prompt >= self._context:
            raise BadRequestError(
                f"the prompt has {prompt} tokens, pictures included, "
                f"more than the model's context of {self._context}"
            )
        return min(wanted, self._context - prompt)


class RowStopping:
    """A stopping criterion: a row ends at its own limit, or when its job is abandoned."""

    def __init__(self, jobs: Sequence[Job], limits: Sequence[int]) -> None:
        self._jobs = jobs
        self._limits = limits
        self.steps = 0
        """Tokens generated in every row, padding included."""

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        """Return which rows end here, as booleans of shape (rows,)."""
        self.steps += 1
        ends = [
            job.abandoned or self.steps >= limit
            for job, limit in zip(self._jobs, self._limits, strict=True)
        ]
        return torch.tensor(ends, device=input_ids.device)


@dataclass(frozen=True)
class RowParameters:
    """Sampling parameters of one row."""

    temperature: float = 0.0
    """0 takes the most likely token."""
    top_p: float = 1.0
    """Sample among the most likely tokens with this total probability."""
    top_k: int = 0
    """Sample among this many of the most likely tokens; 0 means all."""


def own_parameters(config: Any) -> RowParameters:
    """Return the sampling parameters of a model's own ``GenerationConfig``."""
    if not config.do_sample:
        return RowParameters()
    return RowParameters(
        1.0 if config.temperature is None else config.temperature,
        1.0 if config.top_p is None else config.top_p,
        config.top_k or 0,
    )


def row_parameters(sampling: Sampling, own: RowParameters) -> RowParameters:
    """Return the parameters for a reply: the model's own unless a temperature is given.

    A temperature without a top_p samples among all tokens, whatever the model's own parameters.
    """
    found = own if sampling.temperature is None else RowParameters(sampling.temperature)
    return found if sampling.top_p is None else replace(found, top_p=sampling.top_p)


class RowSampler:
    """A logits processor that turns greedy decoding into sampling, row by row.

    The largest of log-probabilities with independent Gumbel noise is a sample of them (the
    Gumbel-max trick), so a row's tokens depend on its logits and its seed only. The same seed
    samples differently on a GPU than on a CPU.
    """

    def __init__(self, parameters: Sequence[RowParameters], seeds: Sequence[int]) -> None:
        self._parameters = parameters
        self._seeds = seeds
        self._generators: list[torch.Generator] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return scores of shape (rows, vocabulary) whose maxima are the sampled tokens."""
        if not self._generators:
            self._generators = [_generator(seed, scores.device) for seed in self._seeds]
        rows = zip(scores.float(), self._parameters, self._generators, strict=True)
        return torch.stack([_noisy(*row) if row[1].temperature else row[0] for row in rows])


def _generator(seed: int, device: torch.device) -> torch.Generator:
    return torch.Generator(device).manual_seed(seed)


def _noisy(
    logits: torch.Tensor, parameters: RowParameters, generator: torch.Generator
) -> torch.Tensor:
    logits = _filtered(logits / parameters.temperature, parameters)
    noise = torch.empty_like(logits).exponential_(generator=generator)
    # Minus the logarithm of an exponential variable is a Gumbel variable.
    return logits - noise.clamp_min(torch.finfo(noise.dtype).tiny).log()


def _filtered(logits: torch.Tensor, parameters: RowParameters) -> torch.Tensor:
    if parameters.top_k:
        least = logits.topk(min(parameters.top_k, len(logits))).values[-1]
        logits = logits.masked_fill(logits < least, -torch.inf)
    if parameters.top_p < 1.0:
        ordered, places = logits.sort(descending=True)
        shares = ordered.softmax(0)
        # A token stays if those before it have less than top_p: the most likely always does.
        beyond = shares.cumsum(0) - shares >= max(parameters.top_p, torch.finfo(shares.dtype).tiny)
        logits = logits.masked_fill(torch.zeros_like(beyond).scatter(0, places, beyond), -torch.inf)
    return logits


class ReplyParser:
    """Parses tokens to replies."""

    def __init__(self, tokenizer: Any, ends: frozenset[int], name: str) -> None:
        self._tokenizer = tokenizer
        self._ends = ends
        self._name = name
        vocabulary = tokenizer.get_vocab()
        self._thinking = next(
            (
                (vocabulary[begin], vocabulary[end])
                for begin, end in THINKING_TOKENS
                if begin in vocabulary and end in vocabulary
            ),
            None,
        )

    def __call__(self, prompt: list[int], generated: list[int], limit: int) -> Reply:
        """Return the reply to a prompt: the tokens up to an end token, or to the limit."""
        generated = generated[:limit]
        end = next((at for at, token in enumerate(generated) if token in self._ends), None)
        tokens = generated if end is None else generated[: end + 1]
        begin, after = self._thinking_span(prompt, tokens)
        text = self._text(tokens[:begin] + tokens[after:])
        thought = after - begin
        # Other models mark their thinking as text.
        parted = split_thinking(text)
        if parted.thinking:
            thought += len(self._tokenizer.encode(parted.thinking, add_special_tokens=False))
        reasoning = (self._text(tokens[begin:after]).strip(), parted.thinking)
        return Reply(
            text=parted.text.strip() if thought else parted.text,
            stop="length" if end is None else "stop",
            usage=Usage(input=len(prompt), output=len(tokens), reasoning=min(thought, len(tokens))),
            reasoning="\n\n".join(filter(None, reasoning)),
            served_model=self._name,
        )

    def _thinking_span(self, prompt: list[int], tokens: list[int]) -> tuple[int, int]:
        """Begin and end of the tokens of thinking, marks included.

        Some templates begin the thinking in the prompt; a reply that is cut off may not end it.
        """
        if self._thinking is None:
            return 0, 0
        begin, end = self._thinking
        after = tokens.index(end) + 1 if end in tokens else len(tokens)
        if begin in tokens[:after]:
            return tokens.index(begin), after
        begun = end in tokens or _last(prompt, begin) > _last(prompt, end)
        return 0, after if begun else 0

    def _text(self, tokens: Sequence[int]) -> str:
        kept = [token for token in tokens if token not in (self._thinking or ())]
        return str(self._tokenizer.decode(kept, skip_special_tokens=True))


def _last(tokens: Sequence[int], token: int) -> int:
    """The last index of a token; -1 if there is none."""
    return max((at for at, other in enumerate(tokens) if other == token), default=-1)
