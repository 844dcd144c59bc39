"""Styles of music: which tempos, grooves and sounds go together."""

from dataclasses import dataclass

__all__ = ["STYLES", "Style"]


@dataclass(frozen=True)
class Style:
    """What the players of a song agree on; wherever several are named, the song draws one."""

    tempo: tuple[float, float]
    """Quarter notes a minute, from and to."""
    swing: tuple[float, float]
    """How late the second of two sixteenths comes, from and to, as a share of a sixteenth; 1/3 is a triplet."""
    grooves: tuple[str, ...]
    kits: tuple[str, ...]
    basses: tuple[str, ...]
    lines: tuple[str, ...]
    """Ways of playing the bass."""
    comps: tuple[str, ...]
    """Instruments that play chords in a rhythm."""
    pads: tuple[str, ...]
    """Instruments that hold chords; `""` is none."""
    leads: tuple[str, ...]
    """Instruments that play single notes: arpeggios, riffs and answers to the voice; `""` is none."""
    colour: float
    """How likely a chord has more than three notes."""


STYLES = {
    "pop": Style(
        (92, 128), (0.0, 0.08), ("backbeat", "push", "four"), ("acoustic", "tight"),
        ("finger", "pick", "saw"), ("eighths", "push", "root"), ("piano", "clean guitar", "pluck"),
        ("strings", "synth pad", ""), ("bell", "pluck", "clean guitar", ""), 0.2,
    ),
    "rock": Style(
        (100, 150), (0.0, 0.04), ("backbeat", "drive", "push"), ("rock", "acoustic"),
        ("pick", "finger"), ("eighths", "root", "push"), ("crunch guitar", "clean guitar"),
        ("organ", "", ""), ("crunch guitar", "clean guitar", ""), 0.08,
    ),
    "funk": Style(
        (92, 116), (0.05, 0.18), ("funk", "ghosts"), ("tight", "acoustic"),
        ("finger", "slap"), ("funk", "octaves"), ("muted guitar", "electric piano", "organ"),
        ("", "organ"), ("brass", "brass", "clean guitar"), 0.6,
    ),
    "soul": Style(
        (66, 98), (0.08, 0.3), ("backbeat", "ghosts", "half time"), ("acoustic", "lofi"),
        ("finger", "round"), ("walk", "push", "root"), ("electric piano", "piano", "organ"),
        ("strings", "organ"), ("brass", "clean guitar", "strings"), 0.6,
    ),
    "house": Style(
        (118, 128), (0.0, 0.12), ("four", "four open"), ("electronic", "tight"),
        ("saw", "sub", "square"), ("offbeat", "octaves", "funk"), ("piano", "stab", "electric piano"),
        ("synth pad", "strings"), ("pluck", "saw lead", "bell"), 0.4,
    ),
    "hip hop": Style(
        (72, 98), (0.1, 0.33), ("boom bap", "half time"), ("lofi", "electronic"),
        ("sub", "round"), ("root", "push"), ("electric piano", "piano", "stab"),
        ("strings", "synth pad", ""), ("bell", "flute", ""), 0.5,
    ),
    "trap": Style(
        (66, 80), (0.0, 0.0), ("trap",), ("electronic",),
        ("sub", "square"), ("root", "push"), ("stab", "bell", "pluck"),
        ("synth pad", ""), ("bell", "flute", "pluck"), 0.15,
    ),
    "ballad": Style(
        (60, 84), (0.0, 0.1), ("half time", "ballad"), ("acoustic", "rock"),
        ("finger", "round"), ("root", "push"), ("piano", "clean guitar"),
        ("strings", "strings", "synth pad"), ("strings", "clean guitar", ""), 0.35,
    ),
    "reggae": Style(
        (68, 88), (0.1, 0.25), ("one drop", "steppers"), ("tight", "acoustic"),
        ("round", "finger"), ("melodic", "push"), ("muted guitar", "organ", "piano"),
        ("organ", ""), ("brass", "clean guitar", ""), 0.15,
    ),
    "synthwave": Style(
        (84, 118), (0.0, 0.0), ("drive", "four", "half time"), ("electronic", "rock"),
        ("saw", "square"), ("eighths", "octaves", "sixteenths"), ("stab", "pluck", "bell"),
        ("synth pad", "strings"), ("saw lead", "pluck", "bell"), 0.2,
    ),
    "folk": Style(
        (84, 132), (0.0, 0.12), ("brush", "ballad", "backbeat"), ("brushes", "acoustic"),
        ("round", "finger"), ("root", "walk"), ("steel guitar", "steel guitar", "piano"),
        ("", "strings"), ("flute", "steel guitar", "strings"), 0.15,
    ),
    "latin": Style(
        (88, 128), (0.0, 0.06), ("latin", "tresillo"), ("tight", "acoustic"),
        ("finger", "round"), ("tumbao", "push"), ("piano", "steel guitar", "muted guitar"),
        ("", "strings"), ("brass", "flute", "marimba"), 0.35,
    ),
    "shuffle": Style(
        (96, 140), (0.28, 0.36), ("shuffle", "backbeat"), ("acoustic", "brushes"),
        ("round", "pick"), ("walk", "root"), ("organ", "piano", "crunch guitar"),
        ("", "organ"), ("brass", "crunch guitar", ""), 0.45,
    ),
    "drum and bass": Style(
        (160, 176), (0.0, 0.06), ("breakbeat",), ("tight", "electronic"),
        ("sub", "saw"), ("root", "push"), ("stab", "electric piano", "pluck"),
        ("synth pad", "strings"), ("pluck", "saw lead", "bell"), 0.4,
    ),
}  # fmt: skip
