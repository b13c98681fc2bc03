"""Gathering requests into batches, and failures of a batch."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from questions import kuhn_question, text_question
from tiny_vlm import torch
from vsbench.adapters import Reply, Request, Sampling
from vsbench.adapters.base import BadRequestError
from vsbench.adapters.hf.batching import Batcher, Job
from vsbench.adapters.hf.errors import ModelLostError

SOON = 10.0
"""Seconds within which everything here happens, even on a busy machine."""


class Model:
    """Echoes texts, and remembers which batches it got."""

    def __init__(self, before: Callable[[Sequence[Job]], None] = lambda jobs: None) -> None:
        self.batches: list[list[str]] = []
        self.before = before

    def __call__(self, jobs: Sequence[Job]) -> list[Reply]:
        self.batches.append([job.request.messages[-1].text for job in jobs])
        self.before(jobs)
        return [Reply(text) for text in self.batches[-1]]


class Paused:
    """Something that a model does before it answers: it says that it has begun, and waits."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, jobs: Sequence[Job]) -> None:
        self.begun.set()
        assert self.go_on.wait(SOON)

    async def at_work(self) -> None:
        """Wait until a batch has begun."""
        assert await asyncio.to_thread(self.begun.wait, SOON)


def freeing(*failures: Exception | None) -> Callable[[], None]:
    """A ``free_memory`` that fails like this, call by call, and succeeds afterwards.

    That the memory of a failed batch is really freed is tested with a real model.
    """
    left = list(failures)

    def free() -> None:
        if left and (failure := left.pop(0)) is not None:
            raise failure

    return free


@asynccontextmanager
async def batching(
    model: Model, size: int = 4, wait: float = 0.1, free: Callable[[], None] = lambda: None
) -> AsyncIterator[Batcher]:
    batcher = Batcher(model, size, wait, free_memory=free)
    yield batcher
    await batcher.close()


async def ask(batcher: Batcher, request: Request) -> str:
    job = Job(request)
    batcher.submit(job)
    return (await job.result(30.0)).text


async def settle() -> None:
    """Let everything happen that the event loop can do by now."""
    for _ in range(20):
        await asyncio.sleep(0)


async def cancelled(call: asyncio.Future) -> None:
    """Cancel a call, and let it notice."""
    call.cancel()
    await settle()


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
        await asyncio.wait_for(asked(batcher, "ab"), SOON)
    async with batching(Model(), size=2, wait=0.01) as batcher:
        await asyncio.wait_for(asked(batcher, "a"), SOON)


async def test_what_comes_during_a_batch_is_the_next_batch() -> None:
    paused = Paused()
    model = Model(paused)
    async with batching(model, size=8, wait=0.0) as batcher:
        first = asyncio.ensure_future(asked(batcher, "a"))
        await paused.at_work()
        later = [asyncio.ensure_future(asked(batcher, text)) for text in "bcd"]
        await settle()
        paused.go_on.set()
        await asyncio.gather(first, *later)
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
    paused = Paused()
    async with batching(Model(paused)) as batcher:
        call = asyncio.ensure_future(asked(batcher, "a"))
        await paused.at_work()
        await settle()
        assert not call.done()
        # The model goes on only because the loop gets here.
        paused.go_on.set()
        assert await call == ["a"]


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
async def test_a_device_that_breaks_is_told_to_all_in_line_and_to_all_later(size: int) -> None:
    def before(jobs: Sequence[Job]) -> None:
        raise BROKEN

    model = Model(before)
    async with batching(model, size, wait=30.0, free=freeing(*[BROKEN] * 9)) as batcher:
        in_line = await asyncio.wait_for(asked(batcher, "abcd"), SOON)
        later = await asyncio.wait_for(asked(batcher, "e"), SOON)
    assert [type(each) for each in in_line + later] == [ModelLostError] * 5
    assert {str(each) for each in in_line + later} == {
        "the model was lost, start a new process: "
        "RuntimeError: CUDA error: device-side assert triggered "
        "Compile with TORCH_USE_CUDA_DSA"
    }
    assert not later[0].retryable
    assert model.batches == [list("abcd"[:size])]


async def test_what_was_answered_before_the_loss_stays_answered() -> None:
    def before(jobs: Sequence[Job]) -> None:
        if "b" in [job.request.messages[-1].text for job in jobs]:
            raise BROKEN

    # After the whole batch the device still works, after the second part it does not.
    async with batching(Model(before), size=3, free=freeing(None, BROKEN)) as batcher:
        replies = await asyncio.wait_for(asked(batcher, "abc"), SOON)
    assert replies[0] == "a"
    assert [type(each) for each in replies[1:]] == [ModelLostError] * 2


async def test_a_cancelled_job_does_not_stop_the_others_from_being_told() -> None:
    paused = Paused()

    def before(jobs: Sequence[Job]) -> None:
        paused(jobs)
        raise BROKEN

    async with batching(Model(before), size=1, wait=0.0, free=freeing(BROKEN)) as batcher:
        calls = [asyncio.ensure_future(ask(batcher, text_question(text))) for text in "abc"]
        await paused.at_work()
        await cancelled(calls[1])
        paused.go_on.set()
        done = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), SOON)
    lost = [ModelLostError, asyncio.CancelledError, ModelLostError]
    assert [type(each) for each in done] == lost


async def test_a_model_that_ends_the_thread_does_not_end_it() -> None:
    def before(jobs: Sequence[Job]) -> None:
        raise SystemExit("code that came with a model")

    async with batching(Model(before), size=2) as batcher:
        replies = await asyncio.wait_for(asked(batcher, "abc"), SOON)
    assert [type(each) for each in replies] == [ModelLostError] * 3
    assert "SystemExit: code that came with a model" in str(replies[2])


async def test_a_model_that_says_too_little_or_too_much() -> None:
    def shifted(jobs: Sequence[Job]) -> list[Reply]:
        texts = [job.request.messages[-1].text for job in jobs]
        return [Reply(text) for text in texts for _ in range(2 if text == "b" else 1)]

    batcher = Batcher(shifted, 4, 0.1, free_memory=lambda: None)
    replies = await asyncio.wait_for(asked(batcher, "abcd"), SOON)
    assert [replies[0], *replies[2:]] == ["a", "c", "d"]
    assert type(replies[1]) is BadRequestError
    assert "the model failed: ValueError" in str(replies[1])
    await batcher.close()


async def test_a_cancelled_request_leaves_the_line() -> None:
    paused = Paused()
    model = Model(paused)
    async with batching(model, size=1, wait=0.0) as batcher:
        calls = [asyncio.ensure_future(ask(batcher, text_question(text))) for text in "abc"]
        await paused.at_work()
        await cancelled(calls[1])
        paused.go_on.set()
        done = await asyncio.gather(*calls, return_exceptions=True)
    assert [done[0], done[2]] == ["a", "c"]
    assert isinstance(done[1], asyncio.CancelledError)
    assert model.batches == [["a"], ["c"]]


async def test_one_that_is_cancelled_at_work_leaves_its_mates_alone() -> None:
    paused = Paused()
    async with batching(Model(paused)) as batcher:
        calls = [asyncio.ensure_future(ask(batcher, text_question(text))) for text in "abc"]
        await paused.at_work()
        await cancelled(calls[0])
        paused.go_on.set()
        done = await asyncio.gather(*calls, return_exceptions=True)
    assert done[1:] == ["b", "c"]


async def test_closing_waits_for_those_who_wait() -> None:
    paused = Paused()
    model = Model(paused)
    batcher = Batcher(model, 1, 0.0, free_memory=lambda: None)
    jobs = [Job(text_question(text)) for text in "abc"]
    for job in jobs:
        batcher.submit(job)
    await paused.at_work()
    assert jobs[1].started.cancel()
    paused.go_on.set()
    await batcher.close()
    assert [job.reply.done() for job in jobs] == [True, False, True]
    assert model.batches == [["a"], ["c"]]


async def test_closing_ends_the_thread() -> None:
    before = threading.active_count()
    batcher = Batcher(Model(), 4, 0.0, free_memory=lambda: None)
    assert threading.active_count() == before + 1
    await batcher.close()
    assert "hf" not in [thread.name for thread in threading.enumerate()]
