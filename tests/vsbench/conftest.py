"""Models written by tests, in place of a provider's."""

from collections.abc import Callable

import pytest

from vsbench.runner import pool
from written import Answer, WrittenModel, choose


@pytest.fixture
def written_model(monkeypatch: pytest.MonkeyPatch) -> Callable[..., WrittenModel]:
    """Makes the model that every model id then stands for."""

    def make(answer: Answer = choose, latency: float = 0.0) -> WrittenModel:
        model = WrittenModel(answer, latency)
        monkeypatch.setattr(pool, "open_adapter", lambda name, options: model)
        return model

    return make
