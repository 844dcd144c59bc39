"""Stems kept on the disk until the whole song is known, as bare float32 samples: no format limits their length."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.errors import OutputError
from auralflow.shapes import Audio

__all__ = ["read_unscaled", "write_unscaled"]


def write_unscaled(files: Sequence[Path], blocks: Iterable[Float[ndarray, "S C T"]]) -> None:
    """Write each stem to its file. Raises `OutputError` if the disk does not take it."""
    with ExitStack() as stack:
        try:
            opened = [stack.enter_context(file.open("wb")) for file in files]
        except OSError as error:
            raise _refused(files[0], error) from error
        for stems in blocks:
            _write_to_each(opened, stems)
            del stems


def _write_to_each(files: Sequence[BinaryIO], stems: Float[ndarray, "S C T"]) -> None:
    for file, stem in zip(files, stems, strict=True):
        try:
            file.write(np.ascontiguousarray(stem.T, dtype=np.float32).tobytes())
            file.flush()
        except OSError as error:
            raise _refused(Path(file.name), error) from error


def read_unscaled(file: Path, *, channels: int, block_samples: int) -> Iterator[Audio]:
    """The samples of one file again, block by block."""
    with file.open("rb") as opened:
        while content := opened.read(block_samples * channels * np.float32().nbytes):
            yield np.frombuffer(content, dtype=np.float32).reshape(-1, channels).T


def _refused(file: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{file.parent.parent} cannot hold the stems while they are being rescaled ({error.strerror}): free some"
        " space, or let overs be clip"
    )
