"""The pages of the documentation, as the tests read them.

An HTML comment above a block says how it is run, and a reader of the rendered page does not see it:

    <!-- snippet: not run, since REASON -->
    <!-- snippet: COMMAND with FLAGS -->     FLAGS are added to every `auralflow COMMAND` of the block, to make it small

`<!-- page: has a session study with a trained model vocals -->` says what a page's folder holds beside the music.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    sorted(
        path.relative_to(ROOT).as_posix()
        for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    )
)
LANGUAGES = {"bash", "python", "text", "yaml"}

_FENCE = re.compile(r"^ *```(\S*) *$")
_DIRECTIVE = re.compile(r"<!-- snippet: (.+?) -->")
_NOT_RUN = re.compile(r"not run, since \w.+")
_WITH = re.compile(r"(\w+) with (--.+)")


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: str
    line: int
    language: str
    text: str
    directive: str

    @property
    def is_run(self) -> bool:
        """Whether the tests execute it."""
        return self.language in ("bash", "python") and not _NOT_RUN.fullmatch(self.directive)

    @property
    def added_flags(self) -> tuple[str, str] | None:
        """The command that is made small, and the flags that do it."""
        found = _WITH.fullmatch(self.directive)
        return (found[1], found[2]) if found else None

    @property
    def directive_is_understood(self) -> bool:
        """Whether the comment above is one of those that exist."""
        return (
            not self.directive
            or bool(_NOT_RUN.fullmatch(self.directive))
            or (self.language == "bash" and self.added_flags is not None)
        )

    @property
    def commands(self) -> list[str]:
        """The lines of a shell block, continued ones joined."""
        return [line for line in self.text.replace("\\\n", " ").splitlines() if line.strip()]


def text_of(page: str) -> str:
    """The page as it is written."""
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def blocks_of(page: str) -> tuple[Block, ...]:
    """The fenced blocks of a page, in order."""
    blocks: list[Block] = []
    lines = text_of(page).splitlines()
    directive, start, language = "", 0, None
    for number, line in enumerate(lines, start=1):
        fence = _FENCE.match(line)
        if language is None and fence:
            start, language = number, fence[1]
        elif language is not None and line.strip() == "```":
            text = "\n".join(lines[start : number - 1]) + "\n"
            blocks.append(Block(page, start, language, text, directive))
            directive, language = "", None
        elif language is None and (found := _DIRECTIVE.fullmatch(line.strip())):
            directive = found[1]
    return tuple(blocks)


def prose_of(page: str) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)


def inline_code_of(page: str) -> list[str]:
    """What stands between single backticks, also where it goes over the end of a line."""
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose_of(page))]
