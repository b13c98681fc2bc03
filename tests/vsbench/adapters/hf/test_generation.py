"""Replies of a tiny model: they depend on the request alone, whatever the rest of its batch."""

import asyncio
import weakref
from dataclasses import replace
from pathlib import Path

import pytest

from questions import kuhn_question, question, text_question
from tiny_vlm import PICTURE_TOKENS, TEMPLATE, torch, transformers, write_vlm
from vsbench.adapters import Adapter, AdapterOptions, Reply, Request, Sampling, Text, open_adapter
from vsbench.adapters.base import BadRequestError, CallTimeoutError
from vsbench.adapters.hf.generation import (
    ReplyParser,
    RowParameters,
    RowSampler,
    own_parameters,
    row_parameters,
)
from vsbench.adapters.hf.prompts import model_inputs
from vsbench_envs import registry

GREEDY = Sampling(temperature=0.0)
HOT = Sampling(temperature=5.0)
"""Random enough for every token, that of the end among them, to come soon."""


def short(request: Request, tokens: int = 16, **changes: object) -> Request:
    return replace(request, max_tokens=tokens, **changes)


def mixed() -> list[Request]:
    """Requests with nothing in common but their model."""
    poker = [short(kuhn_question(seed), 10 + 3 * seed, seed=seed) for seed in range(4)]
    coins = registry.get("coin_dilemma").new(1)
    return [
        *poker,
        short(question(coins, "coin_dilemma", 0), 16, sampling=GREEDY),
        short(poker[1], 16, sampling=Sampling(temperature=0.7, top_p=0.8)),
        short(question(coins, "coin_dilemma", 5), 12),
        short(text_question("Hello!", seed=3), 9),
        short(text_question("A longer question without pictures.", seed=4), 300, sampling=HOT),
        short(poker[2], 8, sampling=Sampling(reasoning_effort="none")),
    ]


async def test_batched_replies_are_those_of_one_by_one(vlm: Adapter) -> None:
    together = await asyncio.gather(*map(vlm.complete, mixed()))
    alone = [await vlm.complete(request) for request in mixed()]
    assert together == alone
    assert len({reply.text + reply.reasoning for reply in together}) == len(together)


async def test_a_model_without_a_switch_says_so(vlm: Adapter, tmp_path: Path) -> None:
    request = short(kuhn_question(), 4, sampling=Sampling(thinking=False))
    assert (await vlm.complete(request)).hints == ()
    template = TEMPLATE.replace("enable_thinking", "another_name")
    other = open_adapter(f"hf/{write_vlm(tmp_path, template=template)}")
    (hint,) = (await other.complete(request)).hints
    assert "no switch for thinking" in hint
    assert (await other.complete(short(kuhn_question(), 4))).hints == ()
    await other.close()


async def test_replies_repeat_and_leave_other_randomness_alone(vlm: Adapter) -> None:
    before = torch.random.get_rng_state()
    request = short(kuhn_question(), seed=2**31 - 1)
    first = await vlm.complete(request)
    assert await vlm.complete(request) == first
    assert (await vlm.complete(short(request, seed=2))).text != first.text
    assert torch.equal(torch.random.get_rng_state(), before)


async def test_without_temperature_it_is_what_transformers_itself_answers(
    vlm: Adapter, folder: Path
) -> None:
    # This board makes the model close its thinking.
    board = question(registry.get("coin_dilemma").new(3), "coin_dilemma", 3)
    request = short(board, 24, sampling=GREEDY)
    processor = transformers.AutoProcessor.from_pretrained(folder)
    model = transformers.AutoModelForImageTextToText.from_pretrained(folder)
    inputs = model_inputs(processor, [request])
    tokens = model.generate(**inputs, max_new_tokens=24, do_sample=False)
    expected = processor.decode(tokens[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    reply = await vlm.complete(request)
    assert reply.reasoning
    assert reply.reasoning + "</think>" + reply.text == expected
    assert await vlm.complete(replace(request, seed=9)) == reply
    # The files of this model ask for no sampling.
    unasked = replace(request, sampling=Sampling(temperature=None))
    assert await vlm.complete(unasked) == reply


async def test_pictures_are_seen(vlm: Adapter) -> None:
    game = registry.get("coin_dilemma")
    boards = [short(question(game.new(n), "coin_dilemma", 0, GREEDY)) for n in range(6)]
    assert len({board.messages[0] for board in boards}) == 1
    texts = {(await vlm.complete(board)).text for board in boards}
    assert len(texts) == len(boards)


async def test_tokens_are_counted_without_padding(vlm: Adapter) -> None:
    text = "<bos>[user]\nHello!<end>\n[assistant]\n"
    bare = len(text) - len("<bos>") - len("<end>") + 2
    alone, asked, seen = await asyncio.gather(
        vlm.complete(short(text_question("Hello!"), 5)),
        vlm.complete(short(text_question("Hello!" * 20), 7)),
        vlm.complete(short(kuhn_question(), 6)),
    )
    assert (alone.usage.input, alone.usage.output) == (bare, 5)
    assert (asked.usage.input, asked.usage.output) == (bare + 19 * 6, 7)
    parts = [part for message in kuhn_question().messages for part in message.parts]
    prompt = sum(len(part.text) for part in parts if isinstance(part, Text))
    assert len(kuhn_question().images) == 1
    marks = len("[system]\n\n[user]\n\n[assistant]\n") + 3
    assert seen.usage.input == prompt + marks + PICTURE_TOKENS


async def test_a_model_ends_its_answer_or_is_cut_off(vlm: Adapter) -> None:
    ended, cut = await asyncio.gather(
        vlm.complete(short(text_question("x", seed=1), 4000, sampling=HOT)),
        vlm.complete(short(text_question("x", seed=1), 3, sampling=HOT)),
    )
    assert (ended.stop, cut.stop) == ("stop", "length")
    assert 3 < ended.usage.output < 4000
    assert cut.usage.output == 3
    assert "<end>" not in ended.text + ended.reasoning
    last = short(text_question("x", seed=1), ended.usage.output, sampling=HOT)
    assert await vlm.complete(last) == ended
    assert (await vlm.complete(replace(last, max_tokens=last.max_tokens - 1))).stop == "length"


async def test_memory_that_runs_out_changes_no_reply(
    vlm: Adapter, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [short(kuhn_question(seed), 8, seed=seed) for seed in range(8)]
    expected = [await vlm.complete(request) for request in requests]
    generate = transformers.LlavaForConditionalGeneration.generate
    rows: list[int] = []
    failed: list[weakref.ref] = []

    def small(model: object, *, input_ids: object, **inputs: object) -> object:
        assert [tensor() for tensor in failed] == [None] * len(failed)
        rows.append(len(input_ids))
        if rows[-1] > 2:
            failed.append(weakref.ref(input_ids))
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return generate(model, input_ids=input_ids, **inputs)

    monkeypatch.setattr(transformers.LlavaForConditionalGeneration, "generate", small)
    adapter = open_adapter(f"hf/{folder}", AdapterOptions(extra={"batch_wait": "1"}))
    assert await asyncio.gather(*map(adapter.complete, requests)) == expected
    assert rows == [8, 4, 2, 2, 2, 2]
    await adapter.close()


async def test_a_prompt_beyond_the_context_is_refused_alone(tmp_path: Path) -> None:
    adapter = open_adapter(f"hf/{write_vlm(tmp_path, context=100)}")
    assert adapter.max_output_tokens == 100
    try:
        long, near, fine = await asyncio.gather(
            adapter.complete(short(text_question("x" * 100))),
            adapter.complete(short(text_question("x" * 70), 5000, seed=1)),
            adapter.complete(short(text_question("x"), 5)),
            return_exceptions=True,
        )
    finally:
        await adapter.close()
    assert type(long) is BadRequestError
    assert "the prompt has 122 tokens" in str(long)
    assert "more than the model's context of 100" in str(long)
    assert (near.usage.input, near.usage.output, near.stop) == (92, 8, "length")
    assert fine.usage.output == 5


async def test_no_reply_in_time(folder: Path) -> None:
    """Time in line does not count, for a local model is never faster than its line."""
    one_by_one = AdapterOptions(timeout=0.5, extra={"batch_size": "1"})
    adapter = open_adapter(f"hf/{folder}", one_by_one)
    endless = short(text_question("x"), 16_000, sampling=GREEDY)
    late = await asyncio.gather(
        *map(adapter.complete, [endless, endless, short(endless, 2)]), return_exceptions=True
    )
    await adapter.close()
    assert [type(each) for each in late] == [CallTimeoutError, CallTimeoutError, Reply]
    assert "no reply in 0.5 s" in str(late[0])


THOUGHT = {
    "": ("", "", 0),
    "up<end>": ("up", "", 0),
    "<think>well</think>\n\nup<end>": ("up", "well", 6),
    "well</think> up<end>": ("up", "well", 5),
    "<think>well": ("", "well", 5),
    "<think></think>up<end>": ("up", "", 2),
    "up<think>?</think>": ("up", "?", 3),
    "a</think>b<think>c": ("bc", "a", 2),
    "[THINK]well[/THINK]up<end>": ("up", "well", 4),
    "<think>a</think>[THINK]b[/THINK]up<end>": ("up", "a\n\nb", 4),
}


@pytest.mark.parametrize("said", THOUGHT)
def test_thinking_is_told_from_the_answer(folder: Path, said: str) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    read = ReplyParser(tokenizer, frozenset([tokenizer.eos_token_id]), "tiny")
    reply = read(tokenizer.encode("why?"), tokenizer.encode(said), 100)
    assert (reply.text.strip(), reply.reasoning, reply.usage.reasoning) == THOUGHT[said]


@pytest.mark.parametrize(
    ("prompt", "thinks"), [("<think>\n", True), ("<think></think>", False), ("", False)]
)
def test_templates_may_begin_the_thinking(folder: Path, prompt: str, thinks: bool) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    read = ReplyParser(tokenizer, frozenset([tokenizer.eos_token_id]), "tiny")
    reply = read(tokenizer.encode(f"why?{prompt}"), tokenizer.encode("hm"), 2)
    assert (reply.reasoning, reply.text) == (("hm", "") if thinks else ("", "hm"))


SHARES = torch.tensor([0.5, 0.25, 0.15, 0.1])
DRAWS = 4000


def drawn(draw: RowParameters, rows: int = DRAWS) -> torch.Tensor:
    """How often each of four tokens is drawn, over as many seeds."""
    scores = SHARES.log().expand(rows, -1)
    sampled = RowSampler([draw] * rows, range(rows))(torch.zeros(rows, 0), scores)
    return torch.bincount(sampled.argmax(dim=1), minlength=4) / rows


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (RowParameters(1.0), [0.5, 0.25, 0.15, 0.1]),
        (RowParameters(0.5), [0.725, 0.181, 0.065, 0.029]),
        (RowParameters(1e9), [0.25, 0.25, 0.25, 0.25]),
        (RowParameters(1.0, top_p=0.7), [2 / 3, 1 / 3, 0, 0]),
        (RowParameters(1.0, top_p=0.76), [0.5 / 0.9, 0.25 / 0.9, 0.15 / 0.9, 0]),
        (RowParameters(1.0, top_p=0.0), [1, 0, 0, 0]),
        (RowParameters(1.0, top_k=2), [2 / 3, 1 / 3, 0, 0]),
        (RowParameters(1.0, top_k=50), [0.5, 0.25, 0.15, 0.1]),
        (RowParameters(0.0), [1, 0, 0, 0]),
        (RowParameters(0.0, top_p=0.9), [1, 0, 0, 0]),
    ],
)
def test_tokens_are_as_likely_as_asked(draw: RowParameters, expected: list[float]) -> None:
    # Four standard errors of a share of one half.
    assert drawn(draw) == pytest.approx(expected, abs=4 * 0.5 / DRAWS**0.5)
    assert [share > 0 for share in expected] == (drawn(draw) > 0).tolist()


def test_each_row_has_its_own_stream_that_goes_on() -> None:
    scores = torch.zeros(3, 50)
    together = RowSampler([RowParameters(1.0)] * 3, [7, 8, 7])
    alone = RowSampler([RowParameters(1.0)], [8])
    first, second = together(scores, scores), together(scores, scores)
    assert torch.equal(first[0], first[2])
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], second[0])
    assert torch.equal(first[1:2], alone(scores[:1], scores[:1]))
    assert torch.equal(second[1:2], alone(scores[:1], scores[:1]))


def test_half_precision_is_drawn_from_in_full() -> None:
    scores = torch.zeros(1, 8, dtype=torch.bfloat16)
    assert RowSampler([RowParameters(1.0)], [1])(scores, scores).dtype == torch.float32


def test_the_models_own_way_counts_where_no_temperature_is_asked() -> None:
    own = own_parameters(
        transformers.GenerationConfig(do_sample=True, temperature=0.6, top_p=0.9, top_k=20)
    )
    assert own == RowParameters(0.6, 0.9, 20)
    assert row_parameters(Sampling(temperature=None), own) == own
    assert row_parameters(Sampling(temperature=None, top_p=0.5), own) == RowParameters(0.6, 0.5, 20)
    assert row_parameters(Sampling(temperature=1.0), own) == RowParameters(1.0)
    assert row_parameters(Sampling(temperature=0.0, top_p=0.8), own) == RowParameters(0.0, 0.8)


def test_models_that_do_not_sample_take_the_likeliest() -> None:
    assert own_parameters(transformers.GenerationConfig(temperature=0.6)) == RowParameters()
    assert own_parameters(transformers.GenerationConfig(do_sample=True)) == RowParameters(1.0)
