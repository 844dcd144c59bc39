"""Stems that are not what their name says: equal to another file of their track, or unlike all of their name."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from auralflow.datasets.checking.check import Check, finding_on
from auralflow.datasets.checking.findings import Finding
from auralflow.datasets.checking.likeness import TELLING, Likeness
from auralflow.datasets.checking.listener import Heard
from auralflow.datasets.checking.listening import HeardTrack

__all__ = ["SWAPPED"]

_PAIR_MARGIN = 12.0
_SINGLE_MARGIN = 45.0
"""On 94 true tracks of MUSDB18, no pair of which one is bass or drums comes above 7, and no single one above 39."""
_LOWEST_RATE = 32_000
"""The features reach to 8 kHz and above; at lower rates they would be compared with what they are not."""


def _find(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    likeness = Likeness.of(
        (heard.stem, features) for track in tracks for heard, features in _featured(track).values()
    )
    for track in tracks:
        equal = list(_equal(track))
        yield from equal
        if not equal:
            yield from _unlike(track, likeness)


def _equal(track: HeardTrack) -> Iterator[Finding]:
    """A mixture is equal to its only stem that is not silent, and nothing is wrong with that."""
    sounding = [
        heard for heard in track.recordings if heard.measures and not heard.measures.is_silent
    ]
    if len(sounding) == 2 and sounding[-1].stem == "mixture":
        return
    for one, other in combinations(sounding, 2):
        if one.measures and other.measures and one.measures.digest == other.measures.digest:
            yield Finding(
                "swapped",
                "warning",
                f"is the same audio as {other.label}: replace the one that is wrong",
                **finding_on(track, one),
                numbers={"same_as": other.label},
            )


def _featured(track: HeardTrack) -> Mapping[str, tuple[Heard, Sequence[float]]]:
    """The stems of one recording whose features can be judged."""
    return {
        heard.stem: (heard, heard.measures.tone.features.tolist())
        for heard in track.recordings
        if heard.measures is not None
        and heard.measures.tone.features is not None
        and heard.recording.info.sample_rate >= _LOWEST_RATE
        and not heard.part
    }


def _unlike(track: HeardTrack, likeness: Likeness) -> Iterator[Finding]:
    """Two stems that would both fit better under each other's name; else single ones that fit another far better."""
    stems = _featured(track)
    told: set[str] = set()
    for margin, one, other in sorted(_pairs(stems, likeness), reverse=True):
        if not told & {one, other}:
            told |= {one, other}
            heard, features = stems[one]
            yield Finding(
                "swapped",
                "warning",
                f"sounds like {other}, and {other} sounds like {one}: listen, and change the two names",
                **finding_on(track, heard),
                numbers={"sounds_like": other, "margin": round(margin, 1), **_described(features)},
            )
    for name in likeness.names:
        if name not in stems or name in told:
            continue
        heard, features = stems[name]
        nearest = min(likeness.names, key=lambda other: likeness.distance(features, other))
        margin = likeness.own_distance(features, name) - likeness.distance(features, nearest)
        if TELLING & {name, nearest} and margin > _SINGLE_MARGIN:
            yield Finding(
                "swapped",
                "warning",
                f"sounds like {nearest}: listen whether the file is what its name says",
                **finding_on(track, heard),
                numbers={
                    "sounds_like": nearest,
                    "margin": round(margin, 1),
                    **_described(features),
                },
            )


def _pairs(
    stems: Mapping[str, tuple[Heard, Sequence[float]]], likeness: Likeness
) -> Iterator[tuple[float, str, str]]:
    """Pairs of names under which two stems would fit better together, with by how much."""
    for one, other in combinations([name for name in likeness.names if name in stems], 2):
        (_, first), (_, second) = stems[one], stems[other]
        margin = likeness.distance(first, one) + likeness.distance(second, other)
        margin -= likeness.distance(first, other) + likeness.distance(second, one)
        if TELLING & {one, other} and margin > _PAIR_MARGIN:
            yield margin, one, other


def _described(features: Sequence[float]) -> Mapping[str, float]:
    low_db, centre, struck, noisy = features
    return {
        "low_db": round(low_db, 1),
        "centre_hz": round(2**centre),
        "struck": round(2**struck, 3),
        "flatness": round(10**noisy, 4),
    }


SWAPPED = Check("swapped", "stems that are equal, or sound like another name's", _find)
