"""Starting and stopping a simulated provider."""

import asyncio
import json
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import openai
import pytest

from questions import kuhn_question, text_question
from vsbench.adapters import AdapterOptions, open_adapter
from vsbench.adapters.base import ConnectionLostError, ContextExceededError
from vsbench.simulation import Simulation, SimulationSettings
from waiting import wait_until

MESSAGES = [{"role": "user", "content": '["left", "right"]'}]


def answered(base_url: str) -> str:
    with openai.OpenAI(base_url=base_url, api_key="-", max_retries=0) as client:
        reply = client.chat.completions.create(model="m", messages=MESSAGES)
    return reply.choices[0].message.content


def unreachable(base_url: str) -> bool:
    try:
        answered(base_url)
    except openai.APIConnectionError:
        return True
    return False


@pytest.mark.parametrize("process", [False, True])
def test_it_serves_while_the_block_runs(process: bool) -> None:
    with Simulation(SimulationSettings(policy="legal"), process=process) as server:
        assert json.loads(answered(server.base_url))["action"] in ("left", "right")
        assert server.counts().finished_calls == 1
    with pytest.raises(openai.APIConnectionError):
        answered(server.base_url)


@pytest.mark.parametrize("process", [False, True])
async def test_it_stops_at_once_whoever_is_kept_waiting(process: bool) -> None:
    settings = SimulationSettings(policy="legal", rates={"stalled": 1.0}, stall=60)
    with Simulation(settings, process=process) as server:
        adapter = open_adapter(f"openai-api/{server.base_url}#m", AdapterOptions(timeout=20))
        call = asyncio.ensure_future(adapter.complete(kuhn_question()))
        await asyncio.to_thread(wait_until, lambda: server.counts().faults)
        started = time.monotonic()
    assert time.monotonic() - started < 5
    with pytest.raises(ConnectionLostError):
        await call
    await adapter.close()


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = SimulationSettings(policy="legal", port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            Simulation(settings).__enter__()


def test_a_process_that_cannot_start_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = SimulationSettings(policy="legal", port=taken.getsockname()[1])
        with pytest.raises(RuntimeError, match="did not start"):
            Simulation(settings, process=True).__enter__()


@contextmanager
def foreground(settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that serves, and its base URL."""
    program = f"from vsbench.simulation import *; serve(SimulationSettings({settings}))"
    command = [sys.executable, "-W", "error", "-c", program]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        ready = re.search(r"http://127\.0\.0\.1:\d+/v1", process.stdout.readline())
        try:
            yield process, ready.group()
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_on_a_signal_with_the_counts(number: signal.Signals) -> None:
    with foreground("policy='legal'") as (process, base_url):
        answered(base_url)
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")
    counts = json.loads(out)
    assert (counts["calls"], counts["finished_calls"]) == (1, 1)


def test_ctrl_c_is_the_parent_s_to_handle() -> None:
    others = multiprocessing.active_children()
    with Simulation(SimulationSettings(policy="legal"), process=True) as server:
        (child,) = (one for one in multiprocessing.active_children() if one not in others)
        status = Path(f"/proc/{child.pid}/status").read_text()
        ignored = int(re.search(r"SigIgn:\s+(\w+)", status)[1], 16)
        assert ignored & 1 << signal.SIGINT - 1
        os.kill(child.pid, signal.SIGINT)
        assert answered(server.base_url)


def test_nothing_is_left_behind_when_the_parent_is_killed() -> None:
    program = (
        "import signal\n"
        "from vsbench.simulation import *\n"
        "if __name__ == '__main__':\n"
        "    with Simulation(SimulationSettings(policy='legal'), process=True) as server:\n"
        "        print(server.base_url, flush=True)\n"
        "        signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as parent:
        base_url = parent.stdout.readline().strip()
        assert answered(base_url)
        parent.kill()
    wait_until(lambda: unreachable(base_url))


def left(url: str, request: bytes) -> None:
    """A client that sends this, and is gone before it hears anything."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(request)


def test_clients_that_leave_are_no_errors(capfd: pytest.CaptureFixture[str]) -> None:
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n"
    body = json.dumps({"model": "m", "messages": MESSAGES}).encode()
    settings = SimulationSettings(policy="legal", latency=0.2)
    with Simulation(settings) as server:
        left(server.base_url, head % 1000 + b"{")
        left(server.base_url, head % len(body) + body)
        left(server.base_url, b"POST /v1/chat")
        left(server.base_url, b"nonsense\r\n\r\n")
        wait_until(lambda: server.counts().abandoned_calls == 2)
        counts = server.counts()
    assert (counts.calls, counts.finished_calls) == (2, 0)
    assert "Traceback" not in "".join(capfd.readouterr())


async def test_a_context_that_is_too_small_is_told() -> None:
    with Simulation(SimulationSettings(policy="legal", context=1000)) as server:
        adapter = open_adapter(f"openai-api/{server.base_url}#m", AdapterOptions(timeout=20))
        request = text_question('["left", "right"]')
        assert (await adapter.complete(request)).text
        with pytest.raises(ContextExceededError, match="maximum context length is 1000 tokens"):
            await adapter.complete(replace(request, max_tokens=1000))
        await adapter.close()
        counts = server.counts()
    assert (counts.finished_calls, counts.rejected_calls) == (1, 1)
