"""Runs are opened wherever they are kept, and strangers' servers do no harm."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vsbench.errors import UsageError
from vsbench.records.bundle import pack
from vsbench.records.files import open_run
from vsbench.sources import open_runs
from vsbench.sources.links import bundle_link, download
from vsbench.sources.stores import open_store

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server on loopback; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sending(content: bytes, path: str = "") -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        if path and request.path != path:
            request.send_error(404)
            return
        request.send_response(200)
        request.end_headers()
        request.wfile.write(content)

    return answer


def redirecting(target: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", target)
        request.end_headers()

    return answer


@pytest.fixture
def bundle(hands: Path, tmp_path: Path) -> Path:
    pack(hands, tmp_path / "run.vsb")
    return tmp_path / "run.vsb"


def check(source: str, like: Path) -> None:
    with ExitStack() as stack:
        (run,) = open_runs(source, stack)
        assert open_run(run) == open_run(like)
    assert run == like or not run.exists()


def test_a_directory(hands: Path) -> None:
    check(str(hands), hands)


def test_a_bundle(bundle: Path, hands: Path) -> None:
    check(str(bundle), hands)


def test_a_link_to_a_bundle(bundle: Path, hands: Path) -> None:
    with serving(sending(bundle.read_bytes(), "/some/run.vsb")) as address:
        check(f"{address}/some/run.vsb", hands)


def test_a_page_of_a_leaderboard(bundle: Path, hands: Path) -> None:
    bundle_of_page = "/board/api/v1/submissions/r-8xk2/bundle"
    with serving(sending(bundle.read_bytes(), bundle_of_page)) as address:
        check(f"{address}/board/runs/r-8xk2", hands)


def test_other_links_are_left_alone() -> None:
    assert bundle_link("https://x.org/runs/a/b.vsb?key=1") == "https://x.org/runs/a/b.vsb?key=1"


def test_a_redirection_is_followed(bundle: Path, hands: Path) -> None:
    with (
        serving(sending(bundle.read_bytes())) as place,
        serving(redirecting(f"{place}/run.vsb")) as address,
    ):
        check(f"{address}/run.vsb", hands)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"])
def test_no_redirection_leads_off_the_web(target: str) -> None:
    with (
        serving(redirecting(target)) as address,
        ExitStack() as stack,
        pytest.raises(UsageError, match=r"cannot be downloaded: .*[Rr]edirect"),
    ):
        open_runs(f"{address}/run.vsb", stack)


def test_endless_redirections_end() -> None:
    with (
        serving(redirecting("/again")) as address,
        ExitStack() as stack,
        pytest.raises(UsageError, match="cannot be downloaded"),
    ):
        open_runs(f"{address}/run.vsb", stack)


def test_a_missing_bundle_is_named(tmp_path: Path) -> None:
    with (
        serving(sending(b"", "/other")) as address,
        ExitStack() as stack,
        pytest.raises(UsageError, match=rf"{address}/run.vsb .*the server answered 404"),
    ):
        open_runs(f"{address}/run.vsb", stack)


def test_secrets_in_links_are_not_repeated() -> None:
    with (
        serving(sending(b"", "/other")) as address,
        ExitStack() as stack,
        pytest.raises(UsageError, match=r"run\.vsb cannot be downloaded") as refusal,
    ):
        open_runs(f"{address}/run.vsb?signature=hidden", stack)
    assert "hidden" not in str(refusal.value)


def test_a_server_that_is_not_there() -> None:
    with serving(sending(b"")) as address:
        pass
    with ExitStack() as stack, pytest.raises(UsageError, match="refused"):
        open_runs(f"{address}/run.vsb", stack)


def test_a_page_that_is_no_bundle(tmp_path: Path) -> None:
    with (
        serving(sending(b"<html>sign in</html>")) as address,
        ExitStack() as stack,
        pytest.raises(UsageError, match=rf"{address}/run.vsb is not a bundle of a run"),
    ):
        open_runs(f"{address}/run.vsb", stack)


def test_a_download_has_a_largest_size(tmp_path: Path) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while True:
                request.wfile.write(bytes(1 << 16))
        except OSError:
            return

    with (
        serving(endless) as address,
        pytest.raises(UsageError, match="it has more than 1,000,000 bytes"),
    ):
        download(f"{address}/run.vsb", tmp_path / "x", 1_000_000)
    assert (tmp_path / "x").stat().st_size <= 1_000_000


def test_a_download_ends_in_time(tmp_path: Path) -> None:
    done = threading.Event()

    def dripping(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while not done.wait(0.02):
                request.wfile.write(b"x")
        except OSError:
            return

    began = time.monotonic()
    with serving(dripping) as address:
        with pytest.raises(UsageError, match="took too long"):
            download(f"{address}/run.vsb", tmp_path / "x", 1_000_000, time_limit=0.3)
        done.set()
    assert time.monotonic() - began < 10


@pytest.fixture(scope="module")
def object_server() -> Iterator[str]:
    """The address of a server of objects on loopback."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["directory", "objects"])
def store_address(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    if request.param == "directory":
        return str(tmp_path / "kept" / "here")
    from urllib.request import Request, urlopen

    server = request.getfixturevalue("object_server")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = f"bucket-{time.monotonic_ns()}"
    urlopen(Request(f"{server}/{bucket}", method="PUT")).close()
    return f"s3://{bucket}/kept/here"


def test_a_store_keeps_bundles_by_name(store_address: str, bundle: Path, tmp_path: Path) -> None:
    store = open_store(store_address)
    assert store.names("gpt") == []
    for name in ("gpt/2.vsb", "gpt/1.vsb", "other/3.vsb", "gpt/1.vsb"):
        store.put(name, bundle)
    assert store.names("gpt") == ["gpt/1.vsb", "gpt/2.vsb"]
    store.fetch("gpt/2.vsb", tmp_path / "copy.vsb", 1 << 20)
    assert (tmp_path / "copy.vsb").read_bytes() == bundle.read_bytes()
    store.delete("gpt/1.vsb")
    store.delete("gpt/1.vsb")
    assert store.names("gpt") == ["gpt/2.vsb"]
    with pytest.raises(UsageError, match=r"has [\d,]+ bytes; the limit is 9"):
        store.fetch("gpt/2.vsb", tmp_path / "copy.vsb", 9)
    with pytest.raises(UsageError, match=r"gpt/7\.vsb"):
        store.fetch("gpt/7.vsb", tmp_path / "copy.vsb", 1 << 20)


def test_a_kept_run_is_a_source(store_address: str, bundle: Path, hands: Path) -> None:
    open_store(store_address).put("gpt/1.vsb", bundle)
    check(f"{store_address}/gpt/1.vsb", hands)


def test_object_stores_need_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(
        UsageError, match=r"az://box/runs cannot be reached: .*[Aa]ccount"
    ) as refusal:
        open_store("az://box/runs")
    assert "\n" not in str(refusal.value)
