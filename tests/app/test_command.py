"""`auralflow app` where the page cannot be opened."""

import socket

import pytest

from auralflow.app import server
from tests.app.session import session_at


@pytest.fixture
def session(tmp_path):
    return session_at(tmp_path / "study", {"vocals": ("vocals",)})


def test_without_gradio_it_says_how_to_install_it(auralflow, session, monkeypatch):
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    assert 'pip install "auralflow[app]"' in auralflow.refuses("app", session)


@pytest.mark.parametrize(("flag", "value", "said"), [("--port", "70000", "port"), ("--queue", "0", "queue"), ("--max-minutes", "-1", "max-minutes"), ("--max-minuts", "1", "max-minutes")])  # fmt: skip
def test_wrong_values_are_refused(auralflow, session, flag, value, said):
    outcome = auralflow("app", session, flag, value)
    assert outcome.code == 2
    assert said in outcome.err


def test_a_port_in_use_is_told_with_the_way_out(auralflow, session, monkeypatch):
    monkeypatch.setattr(server, "find_spec", lambda name: object())
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        message = auralflow.refuses("app", session, "--port", port)
    assert f"cannot listen on 127.0.0.1 port {port} (Address already in use)" in message
    assert "--port 0" in message


def test_a_host_that_is_not_this_machines_is_told(auralflow, session, monkeypatch):
    monkeypatch.setattr(server, "find_spec", lambda name: object())
    # Of the block that is for documentation only.
    assert "another --host" in auralflow.refuses("app", session, "--host", "192.0.2.1")
