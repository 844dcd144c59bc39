"""Which stems a network is to estimate, as people write it."""

from collections.abc import Iterable, Mapping, Sequence

from auralflow.config.layers import did_you_mean
from auralflow.errors import DataError

__all__ = ["STANDARD_STEMS", "parse_targets", "target_parts"]

STANDARD_STEMS = ("bass", "drums", "other", "vocals")
"""The stems that may be named by their first letters."""

_LETTERS = {name[0]: name for name in STANDARD_STEMS}


def parse_targets(
    targets: str | Iterable[str], stems: Sequence[str] | None = None
) -> tuple[str, ...]:
    """The stems meant by names, first letters (`b d o v`, also joined: `bdo`), or `all`, in the order given.

    Several are a list, or one text with commas or spaces between them. Case does not matter, and what is named
    twice counts once. A stem of the dataset goes before letters that spell the same.

    Args:
        targets: what was written.
        stems: the dataset's stems. None where no dataset is at hand: any name is then taken as it is.

    Raises:
        DataError: nothing is named; a stem is not in the dataset; or `all` is asked for without a dataset.
    """
    texts = [targets] if isinstance(targets, str) else list(targets)
    words = [word.strip().lower() for text in texts for word in text.split(",")]
    found = [name for word in words if word for name in _names(word, stems)]
    if not found:
        raise DataError("targets names no stem: give at least one, such as vocals")
    return tuple(dict.fromkeys(found))


def target_parts(
    targets: Sequence[str], stem_names: Sequence[str], sums: Mapping[str, Sequence[str]]
) -> tuple[tuple[int, ...], ...]:
    """For each target the numbers of the stems that it is the sum of."""
    return tuple(
        tuple(stem_names.index(stem) for stem in sums.get(target, (target,))) for target in targets
    )


def _names(word: str, stems: Sequence[str] | None) -> list[str]:
    if stems is not None and word in stems:
        return [word]
    parts = word.split()
    if len(parts) > 1 and (stems is not None or all(map(_is_standard, parts))):
        return [name for part in parts for name in _names(part, stems)]
    if word == "all":
        return _all(stems)
    names = [_LETTERS[letter] for letter in word] if _is_letters(word) else [word]
    if stems is not None:
        for name in names:
            _require(name, word, stems)
    return names


def _is_letters(word: str) -> bool:
    return set(word) <= set(_LETTERS) and len(set(word)) == len(word)


def _is_standard(word: str) -> bool:
    return word == "all" or word in STANDARD_STEMS or _is_letters(word)


def _all(stems: Sequence[str] | None) -> list[str]:
    if stems is None:
        raise DataError(
            "targets is all, which means every stem of a dataset, and there is none here: give --data, "
            "or name the stems"
        )
    return list(stems)


def _require(name: str, word: str, stems: Sequence[str]) -> None:
    if name not in stems:
        meant = "" if name == word else f" (meant by {word})"
        raise DataError(
            f"the dataset has no stem {name}{meant}{did_you_mean(name, stems)}: "
            f"choose among {', '.join(stems)}"
        )
