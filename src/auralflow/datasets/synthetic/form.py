"""The form of a song: its sections, and how long each is, for any number of bars."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, cycle

import numpy as np

__all__ = ["ENERGY", "WHOLE_FORM_BARS", "Section", "draw_form"]

ENERGY = {
    "intro": 0.6,
    "verse": 0.78,
    "pre-chorus": 0.88,
    "chorus": 1.0,
    "bridge": 0.7,
    "break": 0.5,
    "outro": 0.65,
}
"""How hard the band plays in each section, 0 to 1."""

WHOLE_FORM_BARS = 18
"""A song of fewer bars has no pre-choruses, no bridge and no outro."""

_SHORT = ("verse", "chorus", "verse", "chorus", "break", "chorus")
_FIRST_ROUND = ("verse", "pre-chorus", "chorus", "verse", "pre-chorus", "chorus", "bridge")
_LATER_ROUNDS = ("chorus", "break", "verse", "pre-chorus", "chorus", "bridge")


@dataclass(frozen=True)
class Section:
    """A stretch of bars that belong together."""

    name: str
    """One of `ENERGY`."""
    bars: int
    turn: int
    """How often this section came before."""


def draw_form(rng: np.random.Generator, count: int) -> list[Section]:
    """Sections that fill `count` bars exactly.

    A few bars hold a verse and a chorus; half a minute has them by turns, with an intro of a bar; what is longer has the
    whole form, from the intro to the outro, with sections of four or eight bars, and goes round as often as it must.
    The last section before an outro is a chorus.
    """
    if count < WHOLE_FORM_BARS:
        intro = 1 if count >= 4 else 0
        names = chain(["intro"] * intro, cycle(_SHORT))
        return _filled(names, {"intro": 1}, count, usual=2)
    unit = 8 if count >= 64 else 4
    intro = int(rng.choice([unit // 2, unit]))
    outro = unit // 2
    lengths = {"intro": intro, "pre-chorus": unit // 2, "break": unit // 2}
    without_lift = rng.random() < 0.25
    rounds = (
        name
        for name in chain(["intro"], _FIRST_ROUND, cycle(_LATER_ROUNDS))
        if not (without_lift and name == "pre-chorus")
    )
    body = _filled(rounds, lengths, count - outro, usual=unit)
    if body[-1].name not in ("chorus", "intro"):
        turn = sum(section.name == "chorus" for section in body)
        body[-1] = Section("chorus", body[-1].bars, turn)
    return [*body, Section("outro", outro, 0)]


def _filled(
    names: Iterable[str], lengths: dict[str, int], count: int, *, usual: int
) -> list[Section]:
    sections: list[Section] = []
    turns: dict[str, int] = {}
    for name in names:
        if count <= 0:
            break
        bars = min(lengths.get(name, usual), count)
        sections.append(Section(name, bars, turns.get(name, 0)))
        turns[name] = turns.get(name, 0) + 1
        count -= bars
    return sections
