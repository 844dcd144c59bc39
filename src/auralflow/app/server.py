"""The program that serves the page, until it is stopped."""

import logging
import os
import signal
import socket
import tempfile
from collections.abc import Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

from auralflow.app.config import AppConfig
from auralflow.app.desk import Desk
from auralflow.app.networks import Networks, find_networks
from auralflow.app.page import FONTS, build_page, style
from auralflow.app.results import PLAYER
from auralflow.app.visits import Visits
from auralflow.errors import ConfigError, MissingExtraError
from auralflow.separation import SeparationConfig

__all__ = ["serve"]

_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'self'; form-action 'self'; "
    "base-uri 'self'; object-src 'none'"
)
"""Browsers refuse to ask any other machine for anything, whatever Gradio's files contain."""


def serve(
    source: Path | None = None,
    *,
    config: AppConfig | None = None,
    separation: SeparationConfig | None = None,
    cuda: bool = True,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until Ctrl-C, and remove all that was uploaded or made.

    `source` is a session, or one model: a folder, name, checkpoint, pretrained weights or a YAML file of several networks. By
    default it is what the session at the current folder has, and all listed pretrained weights. `ready` is told the page's
    address when it can be opened.

    Raises `MissingExtraError` without Gradio, `ConfigError` if the address cannot be listened on, and what
    `find_networks` raises.
    """
    config = config or AppConfig()
    if find_spec("gradio") is None:
        raise MissingExtraError(
            'the page is made with Gradio, which is not installed: run `pip install "auralflow[app]"`'
        )
    networks = Networks(find_networks(source), cuda=cuda)
    with (
        _listening(config) as listener,
        tempfile.TemporaryDirectory(prefix="auralflow-app-", ignore_cleanup_errors=True) as home,
    ):
        visits = Visits(Path(home) / "visits")
        desk = Desk(networks, config, separation or SeparationConfig(), visits)
        address = _address(listener)
        _run(_application(desk, Path(home)), listener, lambda: ready(address) if ready else None)


def _listening(config: AppConfig) -> socket.socket:
    """Taken before anything else is loaded, so that a port in use is told at once."""
    try:
        family = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((config.host, config.port), family=family)
    except OSError as error:
        # Those of names that cannot be looked up are negative, and have words of their own.
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else error.strerror or str(error)
        raise ConfigError(
            f"the page cannot listen on {config.host} port {config.port} ({reason}): "
            "choose another with --port, or --port 0 for any that is free, or another --host"
        ) from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _application(desk: Desk, home: Path) -> Any:
    # Read when Gradio is imported.
    os.environ |= {
        "GRADIO_ANALYTICS_ENABLED": "False",
        "GRADIO_TEMP_DIR": str(home / "uploads"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    import gradio
    from fastapi import FastAPI, HTTPException
    from fastapi.responses import FileResponse

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> Any:
        yield
        # Work that is under way ends at its next step.
        desk.visits.close()

    application = FastAPI(lifespan=lifespan, openapi_url=None)

    @application.get("/result/{token}/{name}")
    def result(token: str, name: str) -> FileResponse:
        found = desk.visits.result(token)
        path = found.file(name) if found else None
        if found is None or path is None:
            raise HTTPException(404, "this result is no longer here: separate the song again")
        if path.name == PLAYER:
            return FileResponse(path, headers={"Cache-Control": "no-store"})
        return FileResponse(path, filename=found.download_name(path))

    return gradio.mount_gradio_app(
        application,
        build_page(desk),
        path="/",
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=desk.config.max_megabytes * 1024**2,
        theme=gradio.themes.Base(primary_hue="blue", neutral_hue="slate", **FONTS),
        css=style(),
    )


def _run(application: Any, listener: socket.socket, ready: Callable[[], None]) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            ready()

    def terminate(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for chatty in ("httpx", "httpcore", "multipart", "uvicorn", "python_multipart"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    settings = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        headers=[("Content-Security-Policy", _POLICY), ("X-Content-Type-Options", "nosniff")],
    )
    # uvicorn ends well on either signal and raises it again, which would end the program before it has tidied up.
    before = signal.signal(signal.SIGTERM, terminate)
    try:
        Server(settings).run(sockets=[listener])
    finally:
        signal.signal(signal.SIGTERM, before)
