"""The page itself: what is on it, and which button calls what."""

from importlib.resources import files
from typing import Any

from auralflow.app.desk import Desk
from auralflow.app.markup import EMPTY

__all__ = ["FONTS", "build_page", "style"]

FONTS = {
    "font": ["system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Liberation Sans", "sans-serif"],
    "font_mono": ["ui-monospace", "Liberation Mono", "monospace"],
}
"""Of the reader's own system: the theme's would be fetched from elsewhere."""

_HEAD = """<header>
<h1>Stems of a song</h1>
<p>Choose a network, bring a song of at most {minutes:g} min and {megabytes} MB, and hear what it is made of.
The song stays on the machine that runs this page, and is removed when you leave.</p>
</header>"""


def style() -> str:
    """The page's own style sheet."""
    return (files("auralflow.app") / "resources" / "page.css").read_text(encoding="utf-8")


def build_page(desk: Desk) -> Any:
    """The page as Gradio's `Blocks`, with its queue."""
    import gradio

    def check(song: str | None, request: gradio.Request) -> str:
        return desk.check(_visit(request), song)

    def sample(request: gradio.Request) -> tuple[str | None, str]:
        return desk.sample(_visit(request))

    def separate(
        network: str,
        song: str | None,
        request: gradio.Request,
        progress: gradio.Progress = gradio.Progress(),  # noqa: B008  (how Gradio is told that progress is wanted)
    ) -> tuple[str, str]:
        return desk.separate(
            _visit(request), network, song, lambda share, words: progress(share, desc=words)
        )

    def stop(request: gradio.Request) -> None:
        desk.stop(_visit(request))

    def leave(request: gradio.Request) -> None:
        desk.visits.leave(_visit(request))

    def working() -> tuple[Any, Any, str, str]:
        return gradio.Button(visible=False), gradio.Button(visible=True), EMPTY, EMPTY

    def resting() -> tuple[Any, Any, Any]:
        return gradio.Button(visible=True), gradio.Button(visible=False), offered()

    def offered() -> Any:
        # What had to be fetched first may be there by now.
        return gradio.Dropdown(choices=names())

    def names() -> list[tuple[str, str]]:
        return [(desk.networks.label(name), name) for name in desk.networks.sources]

    with gradio.Blocks(title="auralflow", analytics_enabled=False) as page:
        gradio.HTML(
            _HEAD.format(minutes=desk.config.max_minutes, megabytes=desk.config.max_megabytes)
        )
        with gradio.Row(elem_classes="form"):
            song = gradio.File(label="Song", height=150, elem_classes="song")
            with gradio.Column(min_width=280):
                choices = names()
                network = gradio.Dropdown(
                    choices, value=choices[0][1], label="Network", interactive=len(choices) > 1
                )
                composing = gradio.Button("Take a sample")
                starting = gradio.Button("Separate", variant="primary", elem_id="separate")
                stopping = gradio.Button("Stop", variant="stop", visible=False, elem_id="stop")
        status = gradio.HTML(elem_id="status", min_height=48)
        result = gradio.HTML(elem_id="result")

        quick = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        slow = {"api_visibility": "private", "show_progress_on": status}
        # Also when a sample is put there, of which Gradio makes a copy of its own.
        song.change(check, song, status, **(quick | {"show_progress": "full"}))
        composing.click(sample, None, [song, status], **slow)
        starting.click(working, None, [starting, stopping, status, result], **quick).then(
            separate, [network, song], [status, result], **slow
        ).then(resting, None, [starting, stopping, network], **quick)
        stopping.click(stop, None, None, **quick)
        page.load(offered, None, network, **quick)
        page.unload(leave)
    return page.queue(max_size=desk.config.queue, default_concurrency_limit=1)


def _visit(request: Any) -> str:
    """The name that Gradio gives to an open page."""
    return str(request.session_hash)
