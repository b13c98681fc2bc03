"""A server that nobody here wrote, ``transformers serve``, asked through OpenAI's protocol."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import pytest

from questions import question
from tiny_vlm import LEFT_OUT, PICTURE_TOKENS
from vsbench.adapters import Adapter, Request, Sampling, open_adapter
from vsbench_envs import registry
from waiting import wait_until

pytest.importorskip("accelerate", reason=LEFT_OUT)


@pytest.fixture(scope="module")
def url(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's base URL; it holds the tiny model."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder)]
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with log.open("wb") as file:
        server = subprocess.Popen(
            [*command, *options],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | {"HF_HUB_OFFLINE": "1"},
        )

    def up() -> bool:
        assert server.poll() is None, log.read_text()
        try:
            with urlopen(f"http://127.0.0.1:{port}/health") as answer:
                return answer.status == 200
        except OSError:
            return False

    try:
        wait_until(up, seconds=120)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(30)


def boards() -> list[Request]:
    """Questions that differ in their pictures alone."""
    game = registry.get("coin_dilemma")
    greedy = Sampling(temperature=0.0)
    asked = (question(game.new(n), "coin_dilemma", 0, greedy) for n in range(4))
    return [replace(request, max_tokens=16) for request in asked]


async def test_it_sees_and_says_what_the_hf_adapter_does(
    url: str, folder: Path, vlm: Adapter
) -> None:
    served = open_adapter(f"openai-api/{url}#{folder}")
    texts = []
    for request in boards():
        reply, ours = await served.complete(request), await vlm.complete(request)
        assert reply.usage.input == ours.usage.input > PICTURE_TOKENS
        assert reply.usage.output == ours.usage.output == 16
        assert (reply.stop, ours.stop) == ("length", "length")
        assert reply.reasoning + reply.text == ours.reasoning + ours.text
        texts.append(reply.text)
    assert len(set(texts)) == len(texts)
    await served.close()
