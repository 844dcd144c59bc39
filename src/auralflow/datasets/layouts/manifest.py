"""A list of recordings, wherever they lie: a `.csv` file, or a `.jsonl` one with one JSON object a line.

Columns or keys are `track`, `stem`, `path`, and if wanted `start` and `end`, in seconds, `split`, one of train, valid and
test, and `stream`, an audio stream counted from 0. The stem `mixture` is the mixture; a stem that occurs several times in a
track is the sum of what is named. Relative paths start at the list's own folder.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from auralflow.config.layers import did_you_mean
from auralflow.datasets.layouts.candidates import Candidate, Source, tidy_name
from auralflow.errors import DataError

__all__ = ["MANIFEST_PICTURE", "MANIFEST_SUFFIXES", "read_manifest"]

MANIFEST_SUFFIXES = (".csv", ".jsonl")
MANIFEST_PICTURE = "a .csv or .jsonl file with track, stem, path, start, end"

_WANTED = ("track", "stem", "path")
_KNOWN = (*_WANTED, "start", "end", "split", "stream")
_SPLITS = {"": "train", "train": "train", "valid": "valid", "validation": "valid", "val": "valid", "test": "test"}  # fmt: skip


def read_manifest(path: Path) -> dict[str, list[Candidate]]:
    """The tracks of a list by split, in the order of their names.

    Raises:
        DataError: a line cannot be read, lacks a column, or says what cannot be; it is named with its number.
    """
    splits: dict[str, str] = {}
    sources: dict[str, dict[str, list[Source]]] = {}
    first: dict[str, Path] = {}
    for line, row in _rows(path):
        where = f"{path}, line {line}"
        track, stem = (tidy_name(_text(row, key, where)) for key in ("track", "stem"))
        split = _split(row, where)
        if splits.setdefault(track, split) != split:
            raise DataError(
                f"{where} puts {track} into {split}, an earlier line into {splits[track]}: choose one"
            )
        source = _source(row, path.parent, where)
        first.setdefault(track, source.path)
        sources.setdefault(track, {}).setdefault(stem.lower(), []).append(source)
    if not sources:
        raise DataError(
            f"{path} lists no recordings: write one on each line, with {', '.join(_KNOWN[:5])}"
        )
    result: dict[str, list[Candidate]] = {}
    for name in sorted(sources):
        candidate = _candidate(name, first[name], sources[name], path)
        result.setdefault(splits[name], []).append(candidate)
    return result


def _candidate(
    name: str, place: Path, stems: Mapping[str, list[Source]], manifest: Path
) -> Candidate:
    mixtures = [*stems.get("mixture", ()), *stems.get("mix", ())]
    if len(mixtures) > 1:
        raise DataError(f"{manifest} gives {name} {len(mixtures)} mixtures: keep one")
    parts = {
        stem: tuple(found)
        for stem, found in sorted(stems.items())
        if stem not in ("mixture", "mix")
    }
    return Candidate(name, place, parts, mixtures[0] if mixtures else None)


def _source(row: Mapping[str, Any], folder: Path, where: str) -> Source:
    start, end = (_seconds(row, key, where) for key in ("start", "end"))
    if start is not None and end is not None and end <= start:
        raise DataError(f"{where} ends at {end} s and starts at {start} s: end must be later")
    stream = row.get("stream")
    if stream not in (None, "") and not str(stream).isdecimal():
        raise DataError(f"{where} has stream {stream}: give a whole number from 0 on")
    return Source(
        folder / Path(_text(row, "path", where)).expanduser(),
        None if stream in (None, "") else int(str(stream)),
        start,
        end,
    )


def _seconds(row: Mapping[str, Any], key: str, where: str) -> float | None:
    value = row.get(key)
    if value in (None, ""):
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise DataError(f"{where} has {key} {value}: give seconds, 0 or more")
    return seconds


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if value is None or not str(value).strip():
        raise DataError(f"{where} has no {key}: each line wants {', '.join(_WANTED)}")
    return str(value).strip()


def _split(row: Mapping[str, Any], where: str) -> str:
    written = str(row.get("split") or "").strip().lower()
    if written not in _SPLITS:
        raise DataError(f"{where} has split {written}: choose train, valid or test")
    return _SPLITS[written]


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.lower() == ".jsonl":
                yield from _json_rows(path, file)
            else:
                yield from _csv_rows(path, file)
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror}): check its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not text in UTF-8 ({error.reason}): save it as such") from error


def _json_rows(path: Path, lines: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DataError(
                f"{path}, line {number} is no JSON ({error}): write one object a line"
            ) from error
        if not isinstance(row, dict):
            raise DataError(
                f'{path}, line {number} is no JSON object: write {{"track": …, "stem": …, "path": …}}'
            )
        _require_known(row, f"{path}, line {number}")
        yield number, row


def _csv_rows(path: Path, lines: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(lines, strict=True, skipinitialspace=True)
    try:
        columns = [str(name).strip().lower() for name in reader.fieldnames or ()]
        missing = [name for name in _WANTED if name not in columns]
        if missing:
            found = ", ".join(columns) or "none"
            raise DataError(
                f"{path} has no column {', '.join(missing)}, and found {found}: "
                f"write {','.join(_KNOWN[:5])} into its first line"
            )
        reader.fieldnames = columns
        _require_known(dict.fromkeys(columns), f"{path}, line 1")
        for row in reader:
            if None in row:
                raise DataError(
                    f"{path}, line {reader.line_num} has more fields than columns: quote commas"
                )
            yield reader.line_num, row
    except csv.Error as error:
        raise DataError(
            f"{path}, line {reader.line_num} is no CSV ({error}): quote fields with commas"
        ) from error


def _require_known(row: Mapping[Any, Any], where: str) -> None:
    for key in row:
        if str(key) not in _KNOWN:
            raise DataError(
                f"{where} has the column {key}, which means nothing here{did_you_mean(str(key), _KNOWN)}: "
                f"the columns are {', '.join(_KNOWN)}"
            )
