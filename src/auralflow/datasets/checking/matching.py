"""Which of many recordings are the same, by their fingerprints.

Recordings that share a word of 32 bits more than once, at one and the same distance in time, are laid over one another
there, and their bits are compared. Words that many recordings have, as a held tone gives them, are no lead.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from auralflow.datasets.checking.measures.fingerprint import STEPS_A_SECOND, Print

__all__ = ["Match", "find_matches"]

_MOST_BITS = 0.32
"""Share of differing bits up to which two recordings are one; 0.35 in the paper, for the same number of bits."""
_FEWEST_STEPS = round(2.5 * STEPS_A_SECOND)
_SHARE = 0.5
"""Of the shorter recording's sounding steps, how many must be compared."""
_FEWEST_DISTINCT = 0.3
"""Share of the steps that differ from the one before, so that a held tone is not taken for another."""
_COMMON = 64
_FEWEST_LEADS = 2


@dataclass(frozen=True)
class Match:
    """Two recordings that are one."""

    first: int
    second: int
    offset_seconds: float
    """How much later the same moment comes in the first."""
    differing_bits: float
    """Share of the bits, 0 for the same samples."""


def find_matches(prints: Sequence[Print], owners: Sequence[Hashable]) -> Iterator[Match]:
    """Every pair of recordings of different owners that are the same, each once, `first` below `second`."""
    if not prints:
        return
    numbers: dict[Hashable, int] = {}
    owner = np.array([numbers.setdefault(name, len(numbers)) for name in owners])
    leads = _leads(prints, owner)
    if not len(leads):
        return
    kinds, counts = np.unique(leads, axis=0, return_counts=True)
    strong = counts >= _FEWEST_LEADS
    kinds, counts = kinds[strong], counts[strong]
    done: set[tuple[int, int]] = set()
    for first, second, offset in kinds[np.argsort(-counts, kind="stable")].tolist():
        if (first, second) in done:
            continue
        differing = _differing(prints[first], prints[second], offset)
        if differing <= _MOST_BITS:
            done.add((first, second))
            yield Match(first, second, offset / STEPS_A_SECOND, round(differing, 3))


def _leads(prints: Sequence[Print], owner: Int64[ndarray, " R"]) -> Int64[ndarray, "L 3"]:
    """First recording, second, and distance in steps, once for each pair of equal words."""
    words, recordings, places = [], [], []
    for number, words_of_one in enumerate(prints):
        kept = words_of_one != 0
        kept[1:] &= words_of_one[1:] != words_of_one[:-1]
        where = np.flatnonzero(kept)
        words.append(words_of_one[where])
        places.append(where)
        recordings.append(np.full(len(where), number))
    word, recording, place = map(np.concatenate, (words, recordings, places))
    order = np.argsort(word, kind="stable")
    word, recording, place = word[order], recording[order], place[order]
    _, counts = np.unique(word, return_counts=True)
    rare = np.repeat((counts > 1) & (counts <= _COMMON), counts)
    word, recording, place = word[rare], recording[rare], place[rare]
    found = [np.zeros((0, 3), np.int64)]
    for apart in range(1, min(_COMMON, len(word))):
        same = word[apart:] == word[:-apart]
        if not same.any():
            break
        same &= owner[recording[apart:]] != owner[recording[:-apart]]
        earlier = np.flatnonzero(same)
        later = earlier + apart
        # The sort is stable, so that the earlier one of a pair has the lower number.
        found.append(
            np.stack([recording[earlier], recording[later], place[earlier] - place[later]], axis=1)
        )
    return np.concatenate(found)


def _differing(first: Print, second: Print, offset: int) -> float:
    """Share of differing bits where both sound; 1 where too little can be compared."""
    start = max(0, offset)
    end = min(len(first), len(second) + offset)
    if end - start < _FEWEST_STEPS:
        return 1.0
    one, other = first[start:end], second[start - offset : end - offset]
    both = (one != 0) & (other != 0)
    compared = int(np.count_nonzero(both))
    shorter = min(np.count_nonzero(first), np.count_nonzero(second))
    if compared < max(_FEWEST_STEPS, _SHARE * shorter):
        return 1.0
    if np.count_nonzero(np.diff(one[both])) < _FEWEST_DISTINCT * compared:
        return 1.0
    bits = np.unpackbits((one[both] ^ other[both]).view(np.uint8))
    return float(bits.mean())
