"""Stems renamed and summed, as the key `stems` says: `accompaniment: [drums, bass, other]`.

Several definitions may name one stem. So that the mixture is still the sum of the stems that are loaded, these are the
smallest groups of the dataset's own that no definition takes apart: with `accompaniment` alone its three stems are loaded,
mixed and changed as one; where `drums` is wanted besides, they are two, `drums` and the rest.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from auralflow.config.layers import did_you_mean
from auralflow.datasets.layouts.candidates import Candidate, Source
from auralflow.errors import DataError

__all__ = ["Arrangement", "arrange"]

Sums = Mapping[str, tuple[str, ...]]


class Arrangement:
    """How a dataset's own stems become those that are loaded, and which sums of these are stems too."""

    def __init__(self, own: Iterable[str], definitions: Sums, kept: Iterable[str] = ()) -> None:
        """Group `own` stems by the definitions they are part of; those `kept` stay apart under their own names.

        Raises:
            DataError: a definition names a stem that is none of `own`.
        """
        own = sorted(set(own))
        definitions = {
            name.lower(): _parts(name, parts, own) for name, parts in definitions.items()
        }
        used = {part for parts in definitions.values() for part in parts}
        kept = {name for name in kept if name in own and name not in definitions}
        groups: dict[frozenset[str], list[str]] = {}
        for stem in own:
            wanted = {name for name, parts in definitions.items() if stem in parts}
            if stem not in used or stem in kept:
                wanted.add(stem)
            groups.setdefault(frozenset(wanted), []).append(stem)
        self._names = _group_names(groups)
        """For each of the dataset's own stems the one that it is loaded as."""
        visible = sorted({name for group in groups for name in group})
        self.sums: dict[str, tuple[str, ...]] = {}
        for name in visible:
            parts = tuple(
                dict.fromkeys(
                    self._names[stems[0]] for group, stems in groups.items() if name in group
                )
            )
            if parts != (name,) or self._is_shared(name, groups):
                self.sums[name] = parts

    def _is_shared(self, name: str, groups: Mapping[frozenset[str], Sequence[str]]) -> bool:
        """Whether a stem of this name is part of another's sum, so that it has to be named as a target of its own."""
        return any(name in group and len(group) > 1 for group in groups)

    def apply(self, track: Candidate) -> Candidate:
        """A track with its stems as they are loaded."""
        stems: dict[str, list[Source]] = {}
        for name, sources in track.stems.items():
            stems.setdefault(self._names[name], []).extend(sources)
        return replace(track, stems={name: tuple(parts) for name, parts in sorted(stems.items())})


def arrange(
    splits: Mapping[str, Sequence[Candidate]],
    definitions: Sums,
    kept: Iterable[str] = (),
    *,
    optional: Container[str] = (),
) -> tuple[dict[str, list[Candidate]], Sums]:
    """The tracks with their stems renamed and summed, and the sums that are stems besides.

    Parts of `optional` definitions may be missing, as where one definition is for several datasets.

    Raises:
        DataError: a definition names a stem that no track has.
    """
    if not definitions:
        return {split: list(tracks) for split, tracks in splits.items()}, {}
    own = {name for tracks in splits.values() for track in tracks for name in track.stems}
    present = {
        name: tuple(part for part in parts if name not in optional or part.lower() in own)
        for name, parts in definitions.items()
    }
    definitions = {name: parts for name, parts in present.items() if parts or name not in optional}
    arrangement = Arrangement(own, definitions, kept)
    arranged = {
        split: [arrangement.apply(track) for track in tracks] for split, tracks in splits.items()
    }
    return arranged, arrangement.sums


def _parts(name: str, parts: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip().lower() for part in parts))
    for part in found:
        if part not in own:
            raise DataError(
                f"stems.{name} names {part}, which no track has{did_you_mean(part, own)}: "
                f"choose among {', '.join(own)}"
            )
    if not found:
        raise DataError(f"stems.{name} names no stem: write those that it is the sum of")
    return found


def _group_names(groups: Mapping[frozenset[str], Sequence[str]]) -> dict[str, str]:
    """A name for every group: that of the one stem it makes, else those of its members."""
    times: dict[str, int] = {}
    for group in groups:
        for name in group:
            times[name] = times.get(name, 0) + 1
    names: dict[str, str] = {}
    for group, stems in groups.items():
        (only, *others) = sorted(group)
        name = only if not others and times[only] == 1 else " + ".join(stems)
        while name in times and name not in group:
            name = f"{name} (part)"
        names |= dict.fromkeys(stems, name)
    return names
