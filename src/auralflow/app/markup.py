"""What the page says below its form, as HTML."""

from html import escape
from urllib.parse import quote

from auralflow.app.results import ARCHIVE, PLAYER, Result
from auralflow.app.songs import clock
from auralflow.audio import AudioInfo

__all__ = ["EMPTY", "problem", "result_section", "saying", "song_line"]

EMPTY = ""

# The report's own heading and foot are left out in the frame, which is as high as what is in it, at every width.
_FIT = (
    "const inside = this.contentDocument; inside.body.className = 'embedded'; new ResizeObserver(() => "
    "{ this.style.height = inside.documentElement.offsetHeight + 'px'; }).observe(inside.body)"
)


def saying(words: str) -> str:
    """A plain statement."""
    return f'<p class="saying" role="status">{escape(words)}</p>'


def problem(words: str) -> str:
    """What went wrong, read out at once by screen readers."""
    return f'<p class="problem" role="alert">{escape(words)}</p>'


def song_line(name: str, info: AudioInfo, *, composed: bool) -> str:
    """The facts of a song that can be separated."""
    channels = {1: "mono", 2: "stereo"}.get(info.channels, f"{info.channels} channels")
    facts = f"{name}: {clock(info.seconds)}, {info.sample_rate / 1000:g} kHz, {channels}"
    more = ", composed just now; the player will have its true stems" if composed else ""
    return saying(facts + more)


def result_section(result: Result) -> str:
    """Links to the stems, and the player in a frame of its own."""
    place = f"result/{result.folder.name}/"
    links = "".join(
        f'<li><a href="{place}{quote(path.name)}" download>{escape(stem)}'
        f" <small>{escape(path.suffix[1:])}, {_size(path.stat().st_size)}</small></a></li>"
        for stem, path in result.files.items()
    )
    everything = (
        f'<li><a class="all" href="{place}{ARCHIVE}" download>all <small>zip</small></a></li>'
    )
    note = f'<p class="note">{escape(result.note)}</p>' if result.note else ""
    return (
        f'<section class="result" aria-label="Stems of {escape(result.song)}">'
        f'<div class="downloads"><h2>Download</h2><ul>{links}{everything}</ul></div>{note}'
        f'<iframe class="player" title="Player" src="{place}{PLAYER}" allow="autoplay" onload="{escape(_FIT)}"></iframe></section>'
    )


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"
