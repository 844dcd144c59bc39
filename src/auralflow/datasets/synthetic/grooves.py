"""What drummers play: grooves of one bar, and the fills that lead to the next section."""

from dataclasses import dataclass

__all__ = ["FILLS", "GROOVES", "Groove"]


@dataclass(frozen=True)
class Groove:
    """The sixteenths of a bar on which each drum plays, one character each.

    `X` is loud, `x` ordinary, `o` soft, `.` nothing; on the hat, `O` is an open one.
    """

    kick: str
    snare: str
    hat: str
    rim: str = "." * 16

    def hits(self) -> list[tuple[int, str, float]]:
        """Sixteenth, drum and loudness from 0 to 1."""
        loudness = {"X": 1.0, "x": 0.75, "o": 0.3, "O": 0.8}
        hits = []
        for drum, pattern in (
            ("kick", self.kick),
            ("snare", self.snare),
            ("hat", self.hat),
            ("rim", self.rim),
        ):
            for step, mark in enumerate(pattern):
                if mark != ".":
                    name = {"O": "open hat", "o": "ghost" if drum == "snare" else drum}.get(
                        mark, drum
                    )
                    hits.append((step, name, loudness[mark]))
        return hits


_EIGHTHS = "X.x.X.x.X.x.X.x."
_SIXTEENTHS = "Xoxo" * 4
_OFF = "..O." * 4
GROOVES: dict[str, tuple[Groove, ...]] = {
    "backbeat": (
        Groove("X.......X.x.....", "....X.......X...", _EIGHTHS),
        Groove("X.....x.X.......", "....X.......X..o", _EIGHTHS),
        Groove("X......xX.x.....", "....X..o....X...", _EIGHTHS),
    ),
    "push": (
        Groove("X..x....X..x....", "....X.......X...", _EIGHTHS),
        Groove("X.....x...x.x...", "....X.......X...", _EIGHTHS),
        Groove("X..x..x...x.....", "....X.......X.o.", _SIXTEENTHS),
    ),
    "drive": (
        Groove("X...x...X.x.x...", "....X.......X...", "X.X.X.X.X.X.X.X."),
        Groove("X.x.....X.x.....", "....X.......X...", "X.X.X.X.X.X.X.O."),
        Groove("X.....x.x.x.....", "....X.......X...", "X...X...X...X..."),
    ),
    "four": (
        Groove("X...X...X...X...", "....X.......X...", "..x...x...x...x."),
        Groove("X...X...X...X...", "....X.......X...", "x.X.x.X.x.X.x.X."),
        Groove("X...X...X...X..x", "....X..o....X...", _SIXTEENTHS),
    ),
    "four open": (
        Groove("X...X...X...X...", "....x.......x...", _OFF),
        Groove("X...X...X...X.x.", "....X.......X..o", "o.O.o.O.o.O.o.Oo"),
    ),
    "funk": (
        Groove("X......x..x.....", "....X..o.o..X..o", _SIXTEENTHS),
        Groove("X.x....x..X..x..", "....X..o.o.oX...", "x.x.x.x.x.O.x.x."),
        Groove("X..x..x...xx....", "....X..o.o..X.o.", _SIXTEENTHS),
    ),
    "ghosts": (
        Groove("X.x.....X.x.....", "..o.X..o.o..X..o", _EIGHTHS),
        Groove("X......xX......x", ".o..X..o.o..X.o.", "X.xoX.xoX.xoX.xo"),
    ),
    "half time": (
        Groove("X.....x...x.....", "........X.......", _EIGHTHS),
        Groove("X..x......x.....", "........X......o", _SIXTEENTHS),
        Groove("X...............", "........X.......", "X...x...X...x..."),
    ),
    "boom bap": (
        Groove("X......x..X.....", "....X.......X...", _EIGHTHS),
        Groove("X.x.......Xx....", "....X..o....X...", "X.x.X.xoX.x.X.xo"),
        Groove("X..x......x..x..", "....X.......X..o", _EIGHTHS),
    ),
    "trap": (
        Groove("X......x..x.....", "........X.......", "x.x.x.xoxoxxx.x."),
        Groove("X.....x....x..x.", "........X.......", "x.x.xoxox.x.xxxx"),
        Groove("X..x......X.....", "........X.......", "xoxoxoxoxoxoxoxo"),
    ),
    "ballad": (
        Groove("X.......x.x.....", "............X...", "X...x...X...x...", "....x..........."),
        Groove("X.......X.......", "....X.......X...", "X.o.x.o.X.o.x.o."),
    ),
    "one drop": (
        Groove("........X.......", "................", "x.xox.xox.xox.xo", "........X......."),
        Groove("........X.......", "..............o.", "x.x.x.x.x.x.x.xo", "........X....x.."),
    ),
    "steppers": (Groove("X...X...X...X...", "................", _EIGHTHS, "......x.X..x...."),),
    "brush": (
        Groove("x.......x.......", "oo.oX.o.oo.oX.o.", "................"),
        Groove("x.....x.........", "o.o.X.o.o.o.X.oo", "....x.......x..."),
    ),
    "latin": (
        Groove("X..xX..xX..xX..x", "................", _SIXTEENTHS, "x..x..x...x.x..."),
        Groove("X.....x.X.....x.", "................", "X.xoX.xoX.xoX.xo", "..x.x...x..x..x."),
    ),
    "tresillo": (
        Groove("X...X...X...X...", "...x..x....x..x.", _EIGHTHS),
        Groove("X..x..x.X..x..x.", "....X.......X...", _EIGHTHS),
    ),
    "shuffle": (
        Groove("X...x...X...x...", "....X.......X...", "X..xX..xX..xX..x"),
        Groove("X......xX......x", "....X..o....X..o", "X..xX..xX..xX..x"),
    ),
    "breakbeat": (
        Groove("X.........x.....", "....X.......X...", _EIGHTHS),
        Groove("X.x.......xx....", "....X..o.o..X..o", "X.x.X.x.X.x.X.O."),
        Groove("X.........X..x..", "....X..o.o....X.", _EIGHTHS),
    ),
}

_TO_DRUM = {"s": "snare", "g": "ghost", "h": "tom high", "l": "tom low", "k": "kick"}
_PATTERNS = (
    "............sshl",
    "........s.hh.lll",
    "............s.ss",
    "..........hsshsl",
    "........s.s.ssss",
    "gggggsssssssssss",
    "..............ss",
    "........k.s.k.s.",
    "............hhll",
    "....s..s..s.hhll",
)
FILLS: tuple[tuple[tuple[int, str], ...], ...] = tuple(
    tuple((step, _TO_DRUM[mark]) for step, mark in enumerate(pattern) if mark != ".")
    for pattern in _PATTERNS
)
"""Sixteenth and drum of each hit; from the first of them on the groove is silent."""
