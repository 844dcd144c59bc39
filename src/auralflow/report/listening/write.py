"""The report as one file, written track by track."""

from collections.abc import Iterator
from pathlib import Path

from auralflow.files import write_pieces
from auralflow.report.listening.assets import policy, script, style
from auralflow.report.listening.markup import text
from auralflow.report.listening.page import ListeningPage
from auralflow.report.listening.players import player_section
from auralflow.report.listening.scores import score_sections

__all__ = ["write_listening_report"]


def write_listening_report(path: Path, page: ListeningPage) -> None:
    """Write the page as one HTML file that needs nothing beside it, whole or not at all.

    Tracks are taken, coded and written one after another, so memory holds one of them.

    Raises `DataError` for a track that cannot be heard or a model that is not listed, and `OutputError` if the file
    cannot be written; a file that was there before is then still there.
    """
    write_pieces(path, (part.encode() for part in _parts(page)))


def _parts(page: ListeningPage) -> Iterator[str]:
    title = text(page.title)
    facts = "".join(f"<li>{text(fact)}</li>" for fact in page.facts)
    scores = score_sections(page)
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>\n{style()}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1>{facts and f'<ul>{facts}</ul>'}</header>\n<main>\n{scores}\n"
        '<section class="tracks"><h2>Listen</h2>\n'
        "<noscript><p>The players need JavaScript, which this browser does not run.</p></noscript>\n"
    )
    heard = 0
    for place, track in enumerate(page.tracks):
        yield player_section(page, track, place)
        heard += 1
    if not heard:
        yield '<p class="note">No track was chosen for listening.</p>\n'
    yield (
        f"</section>\n</main>\n<footer>Made by auralflow.</footer>\n<script>{script()}</script>\n</body>\n</html>\n"
    )
