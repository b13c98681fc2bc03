"""Bodies without end, redirections and echoes of secrets."""

import gzip
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import httpx2
import pytest

from canned import response, serving
from protocols import Protocol, each_protocol
from questions import kuhn_question
from vsbench.adapters import AdapterOptions, CallError, Reply, base
from vsbench.adapters.http.bodies import CHUNK, MAX_BYTES, BodyTooLargeError, LimitedStream

REPLY = Reply('{"action": "bet"}', served_model="m", request_id="7")


async def called(protocol: Protocol, *pieces: bytes) -> Reply:
    async with serving(*pieces) as server:
        adapter = protocol.open(server.url, options=AdapterOptions(timeout=60))
        try:
            return await adapter.complete(protocol.asked(kuhn_question()))
        finally:
            await adapter.close()


async def failed(protocol: Protocol, *pieces: bytes) -> CallError:
    with pytest.raises(CallError) as caught:
        await called(protocol, *pieces)
    return caught.value


def packed(answer: bytes, encoding: str) -> bytes:
    """A response with its body compressed."""
    head, _, body = answer.partition(b"\r\n\r\n")
    kind = b"text/event-stream" if b"event-stream" in head else b"application/json"
    squeezed = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "x-gzip": gzip.compress,
    }[encoding](body)
    names = {"content-type": kind.decode(), "content-encoding": encoding}
    return response(squeezed, headers=names)


@each_protocol
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-gzip"])
async def test_compressed_answers_are_read(protocol: Protocol, encoding: str) -> None:
    reply = await called(protocol, packed(protocol.answered(REPLY), encoding))
    assert reply.text == REPLY.text


def bomb(megabytes: int) -> bytes:
    """So many megabytes of spaces, compressed to a thousandth."""
    packer = zlib.compressobj(9, wbits=31)
    block = b" " * 2**20
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


BOMB = bomb(400)


@each_protocol
@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
async def test_a_bomb_is_cut_off(protocol: Protocol, status: int, kind: str) -> None:
    headers = {"content-type": kind, "content-encoding": "gzip"}
    raised = await failed(protocol, response(BOMB, status, headers))
    assert type(raised) is base.ReplyTooLargeError
    assert f"more than {MAX_BYTES:,} bytes" in str(raised)
    assert not raised.retryable


class Raw(httpx2.AsyncByteStream):
    """Bytes as they come from a connection."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(BOMB), CHUNK):
            yield BOMB[at : at + CHUNK]


async def test_a_bomb_is_decompressed_in_small_pieces() -> None:
    sizes: list[int] = []

    async def read() -> None:
        async for piece in LimitedStream(Raw(), "gzip", MAX_BYTES):
            sizes.append(len(piece))

    with pytest.raises(BodyTooLargeError):
        await read()
    assert max(sizes) <= CHUNK
    assert MAX_BYTES - CHUNK <= sum(sizes) <= MAX_BYTES


@each_protocol
async def test_a_body_that_never_ends_is_cut_off(protocol: Protocol) -> None:
    def endless() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"
        for _ in range(MAX_BYTES // 2**20 + 8):
            yield b" " * 2**20

    assert type(await failed(protocol, *endless())) is base.ReplyTooLargeError


@each_protocol
@pytest.mark.parametrize(
    "body",
    [
        response(b"not gzip", headers={"content-encoding": "gzip"}),
        response(gzip.compress(b"{}" * 500)[:-20], headers={"content-encoding": "gzip"}),
        response(b"{}", headers={"content-encoding": "br"}),
    ],
)
async def test_a_damaged_encoding_is_a_broken_connection(protocol: Protocol, body: bytes) -> None:
    assert type(await failed(protocol, body)) is base.ConnectionLostError


@each_protocol
@pytest.mark.parametrize("status", [301, 307, 308])
async def test_a_redirection_takes_no_key_along(protocol: Protocol, status: int) -> None:
    async with serving(protocol.answered(REPLY)) as elsewhere:
        moved = response(b"", status, {"location": elsewhere.url})
        raised = await failed(protocol, moved)
        assert elsewhere.paths == []
    assert type(raised) is base.BadRequestError
    assert f"answered {status}" in str(raised)


ORGANISATION, PASSWORD = "org-AbCdEf0123456789", "hunter2hunter2"
ECHO = f"key {{key}}, {ORGANISATION}, https://me:{PASSWORD}@host/, sk-proj-****wxyz"


@each_protocol
async def test_what_a_server_echoes_is_redacted_in_replies(
    protocol: Protocol, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(protocol.key, key)
    said = ECHO.format(key=key)
    reply = replace(REPLY, text=said, reasoning=said, served_model=key)
    answer = protocol.answered(reply, {protocol.wire.request_id: f"req-{key}"})
    got = await called(protocol, answer)
    clean = "key [key], [organisation], https://[password]@host/, [key]"
    assert got.text == clean
    assert got.reasoning in ("", clean)
    assert got.served_model == "[key]"
    assert got.request_id == "req-[key]"


@each_protocol
async def test_what_a_server_echoes_is_redacted_in_errors(
    protocol: Protocol, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(protocol.key, key)
    shown = str(await failed(protocol, protocol.failed(400, ECHO.format(key=key))))
    assert "key [key], [organisation], https://[password]@host/, [key]" in shown


@each_protocol
@pytest.mark.parametrize("word", ["none", "EMPTY", "pass"])
async def test_a_word_for_a_key_may_be_an_answer(
    protocol: Protocol, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(protocol.key, word)
    said = f'{{"action": "{word}"}} for a sk-learn task, org-wide'
    assert (await called(protocol, protocol.answered(replace(REPLY, text=said)))).text == said
