"""Chord progressions, as Roman numerals, for each section and mode: diatonic, borrowed and secondary chords."""

import numpy as np

from auralflow.datasets.synthetic.harmony import Chord, Key, chord_of

__all__ = ["draw_progression"]

_BRIGHT = {
    "verse": (
        "I V vi IV", "I vi IV V", "vi IV I V", "I iii IV V", "I IV I V", "I IV vi V",
        "I ii7 IV V", "I V IV IV", "I III7 vi IV", "I Imaj7 I7 IV",
    ),
    "pre-chorus": ("ii7 IV V V", "IV V vi V", "vi IV ii7 V", "IV iv I V7", "ii7 iii IV V", "vi II7 IV V"),
    "chorus": (
        "I V vi IV", "IV I V vi", "I IV vi V", "vi IV I V", "IV V I vi", "I bVII IV I",
        "I iii IV iv", "I V ii7 IV", "I II7 IV I", "IV V iii vi",
    ),
    "bridge": ("vi V IV V", "bVI bVII I I", "ii7 V7 iii VI7", "IV iv iii bIII", "bVII IV I V", "vi iii IV V"),
}  # fmt: skip
_DARK = {
    "verse": (
        "i bVI bIII bVII", "i bVII bVI bVII", "i iv bVII bIII", "i bIII bVII iv", "i iv i bVII",
        "i bVI iv v", "i7 iv7 i7 iv7", "i i bVI bVII", "i v bVI iv",
    ),
    "pre-chorus": ("iv bVI bVII V", "bVI bVII i bVII", "iv bVII bIII V7", "bVI iv iim7b5 V7", "iv v bVI bVII"),
    "chorus": (
        "bVI bVII i i", "i bVI bIII bVII", "bVI bIII bVII i", "i bVII bVI V", "iv bVII bIII bVI",
        "i bIII bVII IV", "bIII bVII i bVI", "i V7 bVI bIII",
    ),
    "bridge": ("bIII bVII iv bVI", "bVI V7 i bVII", "iv i V7 i", "bII bVII bIII V", "bVI bVII bIII IV"),
}  # fmt: skip
# What a mode has of its own; it takes the place of the common ones in verse and chorus half the time.
_OWN = {
    "mixolydian": ("I bVII IV I", "I v bVII IV", "I bVII I IV", "bVII IV I I"),
    "lydian": ("I II I II", "Imaj7 II vi I", "I II IVmaj7 I", "vi II I I"),
    "dorian": ("i IV i IV", "i7 IV7 i7 IV7", "i ii bIII IV", "i bVII IV i"),
    "phrygian": ("i bII i bII", "i bII bIII bII", "i bvii bII i", "bVI bII i i"),
}
_COLOURS = {
    "I": ("Imaj7", "Iadd9", "I6", "Isus2"),
    "IV": ("IVmaj7", "IVadd9", "IV6", "IVsus2"),
    "V": ("V7", "Vsus4", "V9", "Vadd9"),
    "bVI": ("bVImaj7", "bVIadd9"),
    "bIII": ("bIIImaj7", "bIIIadd9"),
    "bVII": ("bVIIadd9", "bVII6", "bVIIsus4"),
    "bII": ("bIImaj7",),
}


def draw_progression(
    rng: np.random.Generator, key: Key, section: str, *, colour: float
) -> tuple[Chord, ...]:
    """Four chords for a section; `colour` is how likely each gets a seventh, a ninth or a suspension."""
    common = _BRIGHT if key.bright else _DARK
    own = _OWN.get(key.mode)
    # An intro and an outro play over the verse's kinds of chords, a break over the bridge's.
    kind = {"intro": "verse", "outro": "verse", "break": "bridge"}.get(section, section)
    choices = own if own and kind in ("verse", "chorus") and rng.random() < 0.5 else common[kind]
    numerals = choices[int(rng.integers(len(choices)))].split()
    # A numeral that comes twice is coloured alike.
    coloured = {
        numeral: _coloured(rng, numeral) if rng.random() < colour else numeral
        for numeral in dict.fromkeys(numerals)
    }
    return tuple(chord_of(key, coloured[numeral]) for numeral in numerals)


def _coloured(rng: np.random.Generator, numeral: str) -> str:
    if numeral in _COLOURS:
        choices = _COLOURS[numeral]
        return choices[int(rng.integers(len(choices)))]
    if numeral.lstrip("b#").islower() and not numeral[-1].isdigit():
        return numeral + ("9" if rng.random() < 0.3 else "7")
    return numeral
