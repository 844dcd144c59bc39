"""One recording in several tracks: what is trained on and measured on is then no test, or it counts twice."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auralflow.datasets.checking.check import Check
from auralflow.datasets.checking.findings import Finding
from auralflow.datasets.checking.listening import HeardTrack
from auralflow.datasets.checking.matching import find_matches
from auralflow.datasets.checking.measures.fingerprint import Print

__all__ = ["DUPLICATE"]


class _Twin(NamedTuple):
    """Two tracks that share something, by their numbers."""

    first: int
    second: int
    offset_seconds: float
    differing_bits: float
    is_exact: bool
    """Whether both hold the same samples."""


def _find(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    """Of a recording that many tracks hold, each but the first is told with the first, or with one of another split."""
    whole = list(_twins(tracks, ""))
    shared: dict[tuple[int, int], tuple[_Twin, list[str]]] = {}
    for stem in sorted({heard.stem for track in tracks for heard in track.recordings}):
        for twin in _twins(tracks, stem):
            shared.setdefault(twin[:2], (twin, []))[1].append(stem)
    for twin, stem in _under_other_names(tracks):
        shared.setdefault(twin[:2], (twin, []))[1].append(stem)
    known = {twin[:2] for twin in whole}
    songs: list[tuple[_Twin, list[str]]] = [(twin, []) for twin in whole]
    parts = [(twin, stems) for pair, (twin, stems) in shared.items() if pair not in known]
    for found in (songs, parts):
        told: set[int] = set()
        for twin, stems in sorted(found, key=lambda one: _order(tracks, one[0])):
            if twin.second not in told:
                told.add(twin.second)
                yield _finding(tracks, twin, stems)


def _order(tracks: Sequence[HeardTrack], twin: _Twin) -> tuple[bool, int, int]:
    same = tracks[twin.first].split == tracks[twin.second].split
    return same, twin.first, twin.second


def _twins(tracks: Sequence[HeardTrack], stem: str) -> Iterator[_Twin]:
    """Tracks with the same music, or with the same recording of a stem."""
    owners, prints, digests = [], [], []
    for number, track in enumerate(tracks):
        for digest, words in _of(track, stem):
            owners.append(number)
            digests.append(digest)
            prints.append(words)
    seen: set[tuple[int, int]] = set()
    first_with: dict[bytes, int] = {}
    for owner, digest in zip(owners, digests, strict=True):
        first = first_with.setdefault(digest, owner) if digest else owner
        if first != owner and (first, owner) not in seen:
            seen.add((first, owner))
            yield _Twin(first, owner, 0.0, 0.0, is_exact=True)
    for match in find_matches(prints, owners):
        pair = owners[match.first], owners[match.second]
        if pair not in seen:
            seen.add(pair)
            yield _Twin(*pair, match.offset_seconds, match.differing_bits, is_exact=False)


def _under_other_names(tracks: Sequence[HeardTrack]) -> Iterator[tuple[_Twin, str]]:
    """Tracks with the same samples in stems of different names, and the name in the second of them."""
    first_with: dict[bytes, tuple[int, str]] = {}
    for number, track in enumerate(tracks):
        for heard in track.recordings:
            if heard.stem == "mixture" or not heard.measures or heard.measures.is_silent:
                continue
            first, stem = first_with.setdefault(heard.measures.digest, (number, heard.stem))
            if first != number and stem != heard.stem:
                yield _Twin(first, number, 0.0, 0.0, is_exact=True), heard.stem


def _of(track: HeardTrack, stem: str) -> Iterator[tuple[bytes, Print]]:
    """Digest, empty where there is none, and fingerprint of what is to be compared."""
    if not stem:
        whole = track.whole_print
        if whole is not None:
            alone = [h for h in track.recordings if h.measures and h.measures.fingerprint is whole]
            measures = alone[0].measures if alone else None
            yield (measures.digest if measures and not measures.is_silent else b""), whole
        return
    for heard in track.recordings:
        if heard.stem == stem != "mixture" and heard.measures and not heard.measures.is_silent:
            yield heard.measures.digest, heard.measures.fingerprint


def _finding(tracks: Sequence[HeardTrack], twin: _Twin, stems: Sequence[str]) -> Finding:
    """About the whole track where no stems are named."""
    first, second = tracks[twin.first], tracks[twin.second]
    crosses = first.split != second.split
    same = "sample for sample the same as" if twin.is_exact else "another copy of"
    apart = f", {abs(twin.offset_seconds):.1f} s apart" if abs(twin.offset_seconds) > 0.1 else ""
    remedy = "or both would be trained and measured on" if crosses else "or it counts twice"
    other = f"{'that of ' if stems else ''}{first.track.name} in {first.split}"
    return Finding(
        "duplicate",
        "warning" if crosses else "hint",
        f"is {same} {other}{apart}: remove one, {remedy}",
        track=second.track.name,
        split=second.split,
        stem=", ".join(stems),
        numbers={
            "other_track": first.track.name,
            "other_split": first.split,
            "offset_seconds": round(twin.offset_seconds, 2),
            "differing_bits": twin.differing_bits,
            "exact": twin.is_exact,
        },
    )


DUPLICATE = Check("duplicate", "recordings that several tracks or splits share", _find)
