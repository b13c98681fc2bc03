"""Models written by tests, in place of a provider's, and retries that tests need not wait for."""

from collections.abc import Callable, Iterator

import pytest

from vsbench.runner import pool
from vsbench.runner.calls import Backoff
from written import Answer, WrittenModel, choose


@pytest.fixture
def written_model(monkeypatch: pytest.MonkeyPatch) -> Callable[..., WrittenModel]:
    """Makes the model that every model id then stands for."""

    def make(answer: Answer = choose, latency: float = 0.0) -> WrittenModel:
        model = WrittenModel(answer, latency)
        monkeypatch.setattr(pool, "open_adapter", lambda name, options: model)
        return model

    return make


@pytest.fixture(scope="session", autouse=True)
def quick_retries() -> Iterator[None]:
    """Wait milliseconds between retries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "BACKOFF", Backoff(first=0.005))
        yield
