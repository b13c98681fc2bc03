"""Run a simulated provider: in the foreground, in a thread, or in a separate process."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import threading
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from vsbench.simulation.app import COUNTS, application
from vsbench.simulation.provider import Counts, Provider
from vsbench.simulation.settings import SimulationSettings

KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep idle connections, so that this side never closes first."""


def serve(settings: SimulationSettings) -> None:
    """Serve until interrupted; print the base URL at the start and the counts at the end.

    Raises:
        OSError: the port is taken.
        UnknownNameError: the policy is unknown.
        UsageError: the published sets cannot be read.
        MissingExtraError: they need pyarrow, which is not installed.
    """
    server = _Server(settings)
    with _listen(settings) as listener:
        print(f"Simulated provider at {_base_url(listener)} (Ctrl-C stops it)", flush=True)
        terminate = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            pass
        finally:
            signal.signal(signal.SIGTERM, terminate)
    print(json.dumps(asdict(server.provider.counter.counts), indent=2), flush=True)


class Simulation:
    """A simulated provider while a ``with`` block runs.

    It runs in a thread; with ``process=True`` in a separate process, which leaves this process's
    interpreter to the client under test, and which always ends with it.
    """

    def __init__(
        self, settings: SimulationSettings | None = None, *, process: bool = False
    ) -> None:
        self.settings = settings or SimulationSettings()
        self.base_url = ""
        """For OpenAI's SDK, ``/v1`` included."""
        self._start = self._in_process if process else self._in_thread
        self._stop = ExitStack()

    def __enter__(self) -> Self:
        self.base_url = self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.close()

    @property
    def anthropic_url(self) -> str:
        """For Anthropic's SDK, which adds ``/v1`` itself."""
        return self.base_url.removesuffix("/v1")

    def counts(self) -> Counts:
        """Return the counts so far."""
        with closing(HTTPConnection(urlsplit(self.base_url).netloc, timeout=10)) as connection:
            connection.request("GET", COUNTS)
            return Counts(**json.load(connection.getresponse()))

    def _in_thread(self) -> str:
        server = _Server(self.settings)
        listener = self._stop.enter_context(_listen(self.settings))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        self._stop.callback(thread.join)
        self._stop.callback(server.stop)
        return _base_url(listener)

    def _in_process(self) -> str:
        spawning = get_context("spawn")
        ours, theirs = spawning.Pipe()
        process = spawning.Process(target=_serve_parent, args=(self.settings, theirs))
        process.start()
        theirs.close()
        self._stop.callback(process.join)
        self._stop.enter_context(ours)
        try:
            base_url: str = ours.recv()
        except EOFError:
            self._stop.close()
            raise RuntimeError("the simulated provider did not start") from None
        return base_url


def _serve_parent(settings: SimulationSettings, parent: Connection) -> None:
    """Serve until the parent closes its end of the pipe, or dies."""
    # The parent handles Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Simulation(settings) as server:
        parent.send(server.base_url)
        with suppress(EOFError, OSError):
            parent.recv()


class _Connection(H11Protocol):
    """Gives the application its connection, so that it can close it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    def __init__(self, settings: SimulationSettings) -> None:
        self.provider = Provider(settings)
        super().__init__(
            uvicorn.Config(
                application(self.provider),
                http=_Connection,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=1,
            )
        )

    def stop(self) -> None:
        """Stop soon; may be called from any thread."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End all waits, then shut down."""
        self.provider.closing.set()
        await super().shutdown(sockets)


def _listen(settings: SimulationSettings) -> socket.socket:
    listener = socket.create_server((settings.host, settings.port), backlog=1024)
    # Inherited by connections. Without it a response, sent in two pieces, takes 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _base_url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}/v1"
