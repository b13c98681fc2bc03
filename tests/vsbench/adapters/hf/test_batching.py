"""How requests are gathered and answered together, and what happens when that fails."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from questions import kuhn_question, text_question
from tiny_vlm import torch
from vsbench.adapters import Reply, Request, Sampling
from vsbench.adapters.base import BadRequestError
from vsbench.adapters.hf import batching as batches
from vsbench.adapters.hf.batching import Batcher, ModelLostError
from vsbench.adapters.hf.jobs import Job


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> list[Exception | None]:
    """What befalls whoever frees memory, next first: nothing, unless a test says so.

    That the memory of a failed batch is really freed is tested with a real model.
    """
    failures: list[Exception | None] = []

    def free() -> None:
        if failures and (failure := failures.pop(0)) is not None:
            raise failure

    monkeypatch.setattr(batches, "free_memory", free)
    return failures


class Model:
    """Echoes texts, and remembers which batches it got."""

    def __init__(self, before: Callable[[Sequence[Job]], None] = lambda jobs: None) -> None:
        self.batches: list[list[str]] = []
        self.before = before

    def __call__(self, jobs: Sequence[Job]) -> list[Reply]:
        self.batches.append([job.request.messages[-1].text for job in jobs])
        self.before(jobs)
        return [Reply(text) for text in self.batches[-1]]


@asynccontextmanager
async def batching(model: Model, size: int = 4, wait: float = 0.1) -> AsyncIterator[Batcher]:
    batcher = Batcher(model, size, wait)
    yield batcher
    await batcher.close()


async def ask(batcher: Batcher, request: Request) -> str:
    job = Job(request)
    batcher.submit(job)
    return (await job.answered(30.0)).text


async def asked(batcher: Batcher, texts: str) -> list:
    calls = (ask(batcher, text_question(text)) for text in texts)
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_each_gets_its_own_reply_in_full_batches() -> None:
    model = Model()
    async with batching(model) as batcher:
        assert await asked(batcher, "abcdefghij") == list("abcdefghij")
    assert model.batches == [list("abcd"), list("efgh"), list("ij")]


async def test_a_full_batch_does_not_wait_and_a_lone_request_not_for_long() -> None:
    async with batching(Model(), size=2, wait=30.0) as batcher:
        await asyncio.wait_for(asked(batcher, "ab"), 5)
    async with batching(Model(), size=2, wait=0.01) as batcher:
        await asyncio.wait_for(asked(batcher, "a"), 5)


async def test_what_comes_during_a_batch_is_the_next_batch() -> None:
    model = Model(lambda jobs: time.sleep(0.2))
    async with batching(model, size=8, wait=0.0) as batcher:
        first = asyncio.ensure_future(asked(batcher, "a"))
        await asyncio.sleep(0.05)
        await asyncio.gather(first, *(asked(batcher, text) for text in "bcd"))
    assert model.batches == [["a"], ["b", "c", "d"]]


async def test_only_what_goes_together_is_put_together() -> None:
    model = Model()
    thinking = replace(text_question("b"), sampling=Sampling(reasoning_effort="high"))
    switched = replace(text_question("c"), sampling=Sampling(thinking=False))
    requests = [text_question("a"), kuhn_question(), thinking, switched, text_question("d")]
    async with batching(model, size=8) as batcher:
        await asyncio.gather(*(ask(batcher, request) for request in requests))
    assert model.batches == [["a", "d"], [kuhn_question().messages[-1].text], ["b"], ["c"]]


async def test_the_event_loop_goes_on() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.ensure_future(tick())
    async with batching(Model(lambda jobs: time.sleep(0.4))) as batcher:
        await asked(batcher, "a")
    ticking.cancel()
    assert ticks > 10


OUT_OF_MEMORY = {
    "PyTorch": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    "Apple": RuntimeError("MPS backend out of memory (MPS allocated: 9.05 GB)"),
    "CPU": RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
    "CUDA's libraries": RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"),
    "Python": MemoryError(),
}


@pytest.mark.parametrize("kind", OUT_OF_MEMORY)
async def test_out_of_memory_halves_the_batch_for_good(kind: str) -> None:
    def before(jobs: Sequence[Job]) -> None:
        if len(jobs) > 3:
            raise OUT_OF_MEMORY[kind]

    model = Model(before)
    async with batching(model, size=8) as batcher:
        assert await asked(batcher, "abcdefgh") == list("abcdefgh")
        assert batcher.size == 2
        assert await asked(batcher, "ijkl") == list("ijkl")
    sizes = [len(batch) for batch in model.batches]
    assert sizes == [8, 4, 2, 2, 2, 2, 2, 2]


async def test_parts_fit_the_size_that_was_found() -> None:
    def before(jobs: Sequence[Job]) -> None:
        if len(jobs) > 1:
            raise OUT_OF_MEMORY["PyTorch"]

    model = Model(before)
    async with batching(model, size=5) as batcher:
        assert await asked(batcher, "abcde") == list("abcde")
        assert batcher.size == 1
    assert model.batches[-1] == ["e"]


async def test_a_request_that_does_not_fit_alone_is_told_what_to_do() -> None:
    def before(jobs: Sequence[Job]) -> None:
        if any(job.request.messages[-1].text == "b" for job in jobs):
            raise OUT_OF_MEMORY["PyTorch"]

    async with batching(Model(before)) as batcher:
        replies = await asked(batcher, "abc")
    assert [replies[0], replies[2]] == ["a", "c"]
    assert type(replies[1]) is BadRequestError
    assert "over a single request" in str(replies[1])
    assert "hf.dtype=bfloat16" in str(replies[1])


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadRequestError("too long"), "^too long$"),
        (ValueError("odd picture"), "^the model failed: ValueError: odd picture$"),
        (RuntimeError("shapes"), "^the model failed: RuntimeError: shapes$"),
    ],
)
async def test_only_those_to_blame_are_refused(error: Exception, told: str) -> None:
    def before(jobs: Sequence[Job]) -> None:
        if any(job.request.messages[-1].text == "b" for job in jobs):
            raise error

    async with batching(Model(before)) as batcher:
        replies = await asked(batcher, "abcd")
        assert batcher.size == 4
    assert [replies[0], *replies[2:]] == ["a", "c", "d"]
    with pytest.raises(BadRequestError, match=told):
        raise replies[1]


BROKEN = RuntimeError("CUDA error: device-side assert triggered\nCompile with TORCH_USE_CUDA_DSA")


@pytest.mark.parametrize("size", [1, 2, 4])
async def test_a_device_that_breaks_is_told_to_all_in_line_and_to_all_later(
    memory: list[Exception | None], size: int
) -> None:
    def before(jobs: Sequence[Job]) -> None:
        raise BROKEN

    memory += [BROKEN] * 9
    model = Model(before)
    async with batching(model, size, wait=30.0) as batcher:
        in_line = await asyncio.wait_for(asked(batcher, "abcd"), 5)
        later = await asyncio.wait_for(asked(batcher, "e"), 5)
    assert [type(each) for each in in_line + later] == [ModelLostError] * 5
    assert {str(each) for each in in_line + later} == {
        "the model was lost, begin anew: RuntimeError: CUDA error: device-side assert triggered "
        "Compile with TORCH_USE_CUDA_DSA"
    }
    assert not later[0].retryable
    assert model.batches == [list("abcd"[:size])]


async def test_what_was_answered_before_the_loss_stays_answered(
    memory: list[Exception | None],
) -> None:
    def before(jobs: Sequence[Job]) -> None:
        if "b" in [job.request.messages[-1].text for job in jobs]:
            raise BROKEN

    # After the whole batch the device still works, after the second part it does not.
    memory += [None, BROKEN]
    async with batching(Model(before), size=3) as batcher:
        replies = await asyncio.wait_for(asked(batcher, "abc"), 5)
    assert replies[0] == "a"
    assert [type(each) for each in replies[1:]] == [ModelLostError] * 2


async def test_whoever_left_the_line_does_not_stop_the_others_from_being_told(
    memory: list[Exception | None],
) -> None:
    def before(jobs: Sequence[Job]) -> None:
        time.sleep(0.2)
        raise BROKEN

    memory.append(BROKEN)
    async with batching(Model(before), size=1, wait=0.0) as batcher:
        calls = [asyncio.ensure_future(ask(batcher, text_question(text))) for text in "abc"]
        await asyncio.sleep(0.05)
        calls[1].cancel()
        done = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
    lost = [ModelLostError, asyncio.CancelledError, ModelLostError]
    assert [type(each) for each in done] == lost


async def test_a_model_that_ends_the_thread_does_not_end_it() -> None:
    def before(jobs: Sequence[Job]) -> None:
        raise SystemExit("code that came with a model")

    async with batching(Model(before), size=2) as batcher:
        replies = await asyncio.wait_for(asked(batcher, "abc"), 5)
    assert [type(each) for each in replies] == [ModelLostError] * 3
    assert "SystemExit: code that came with a model" in str(replies[2])


async def test_a_model_that_says_too_little_or_too_much() -> None:
    def shifted(jobs: Sequence[Job]) -> list[Reply]:
        texts = [job.request.messages[-1].text for job in jobs]
        return [Reply(text) for text in texts for _ in range(2 if text == "b" else 1)]

    batcher = Batcher(shifted, 4, 0.1)
    replies = await asyncio.wait_for(asked(batcher, "abcd"), 5)
    assert [replies[0], *replies[2:]] == ["a", "c", "d"]
    assert type(replies[1]) is BadRequestError
    assert "the model failed: ValueError" in str(replies[1])
    await batcher.close()


async def test_a_cancelled_request_leaves_the_line() -> None:
    model = Model(lambda jobs: time.sleep(0.2))
    async with batching(model, size=1, wait=0.0) as batcher:
        calls = [asyncio.ensure_future(ask(batcher, text_question(text))) for text in "abc"]
        await asyncio.sleep(0.05)
        calls[1].cancel()
        done = await asyncio.gather(*calls, return_exceptions=True)
    assert [done[0], done[2]] == ["a", "c"]
    assert isinstance(done[1], asyncio.CancelledError)
    assert model.batches == [["a"], ["c"]]


async def test_one_that_is_cancelled_at_work_leaves_its_mates_alone() -> None:
    async with batching(Model(lambda jobs: time.sleep(0.2))) as batcher:
        calls = [asyncio.ensure_future(ask(batcher, text_question(text))) for text in "abc"]
        await asyncio.sleep(0.2)
        calls[0].cancel()
        done = await asyncio.gather(*calls, return_exceptions=True)
    assert done[1:] == ["b", "c"]


async def test_closing_waits_for_those_who_wait() -> None:
    model = Model(lambda jobs: time.sleep(0.1))
    batcher = Batcher(model, 1, 0.0)
    jobs = [Job(text_question(text)) for text in "abc"]
    for job in jobs:
        batcher.submit(job)
    jobs[1].begun.cancel()
    await batcher.close()
    assert [job.reply.done() for job in jobs] == [True, False, True]
    assert model.batches == [["a"], ["c"]]


async def test_closing_ends_the_thread() -> None:
    before = threading.active_count()
    batcher = Batcher(Model(), 4, 0.0)
    assert threading.active_count() == before + 1
    await batcher.close()
    assert "hf" not in [thread.name for thread in threading.enumerate()]
