"""A server, and no pauses between attempts."""

from collections.abc import Iterator

import pytest

from tests.pretrained.server import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("auralflow.pretrained.fetching.PAUSE_SECONDS", 0.0)
    with serving() as running:
        yield running
