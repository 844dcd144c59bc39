"""A server on this machine that can misbehave."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["Server", "serving"]


@dataclass
class Server:
    """What is served, and how; tests change it while it runs."""

    files: dict[str, bytes] = field(default_factory=dict)
    url: str = ""
    breaks_after: list[int] = field(default_factory=list)
    """For one answer after the other: bytes after which the connection is cut."""
    statuses: list[int] = field(default_factory=list)
    """For one answer after the other: a status in place of the file."""
    says_length: int | None = None
    """A lie about every file."""
    ranges: bool = True
    """Whether it begins where it is asked to."""
    asked: list[str] = field(default_factory=list)
    """The ranges that were asked for, `-` for none."""


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server for a while."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *words: object) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.headers.get("Range", "-")
            state.asked.append(asked)
            content = state.files.get(self.path.rsplit("/", 1)[-1])
            status = state.statuses.pop(0) if state.statuses else 404 if content is None else 0
            if status or content is None:
                self.send_error(status)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked != "-" else 0
            start = start if state.ranges else 0
            if start >= len(content) > 0:
                self.send_error(416)
                return
            body = content[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                )
            length = state.says_length
            self.send_header("Content-Length", str(len(body) if length is None else length))
            self.send_header("Connection", "close")
            self.end_headers()
            cut = state.breaks_after.pop(0) if state.breaks_after else len(body)
            self.wfile.write(body[:cut])
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
