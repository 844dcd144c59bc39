"""Which stem an instrument of General MIDI belongs to.

Source: General MIDI 1 sound set, MMA, 1991. Programs count from 0 here and from 1 in that table.
"""

from typing import Literal

__all__ = ["FOUR", "Grouping", "stem_of"]

Grouping = Literal["four", "families"]

FOUR = ("drums", "bass", "other", "vocals")

_DRUMS = 9
"""The tenth channel, which plays percussion whatever its program."""
_VOICES = (52, 53, 54, 85)
"""Choir aahs, voice oohs, synth voice, and the lead called voice."""
_BASSES = range(32, 40)
_STRING_ENSEMBLES = range(48, 52)
_FAMILIES = (
    "piano", "chromatic-percussion", "organ", "guitar", "bass", "strings", "ensemble", "brass", "reed", "pipe",
    "synth-lead", "synth-pad", "synth-effects", "ethnic", "percussive", "sound-effects",
)  # fmt: skip


def stem_of(channel: int, program: int, grouping: Grouping) -> str:
    """The stem of what a channel plays with a program, both from 0 on."""
    if channel == _DRUMS:
        return "drums"
    if program in _VOICES:
        return "vocals"
    if program in _BASSES:
        return "bass"
    if grouping == "four":
        return "other"
    return "strings" if program in _STRING_ENSEMBLES else _FAMILIES[program // 8]
