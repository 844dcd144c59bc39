"""The description by which DJ programs know an MP4 for a stem file.

    moov
    ├── trak × 5       mixture, then four stems; all but the first are disabled, so that other players play the mixture
    └── udta
        └── stem       JSON: name and colour of each stem, and how they are mastered when played together

Source: Native Instruments, "Stem file format specification", 2015; boxes: ISO/IEC 14496-12.
"""

import json
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

__all__ = ["add_stem_box"]

_COLOURS = ("#E4572E", "#29335C", "#A8C686", "#F3A712")
_NO_MASTERING = {
    "compressor": {
        "enabled": False, "ratio": 3, "output_gain": 0.5, "release": 0.3, "attack": 0.003, "input_gain": 0.5,
        "threshold": 0, "hp_cutoff": 300, "dry_wet": 50,
    },
    "limiter": {"enabled": False, "release": 0.05, "threshold": 0, "ceiling": -0.35},
}  # fmt: skip


def add_stem_box(path: Path, names: Sequence[str]) -> None:
    """Describe the stems of an MP4 file whose index, `moov`, is its last box, as FFmpeg writes it.

    Only what follows the samples grows, so none of the places that the index names moves.
    """
    stems = [{"name": name, "color": color} for name, color in zip(names, _COLOURS, strict=True)]
    about = {"mastering_dsp": _NO_MASTERING, "version": 1, "stems": stems}
    box = _box(b"stem", json.dumps(about, separators=(",", ":")).encode())
    with path.open("r+b") as file:
        start = _start_of_last(file)
        file.seek(start)
        index = file.read()
        if index[4:8] != b"moov":
            raise ValueError(f"{path} ends with a box {index[4:8]!r}, not with its index")
        file.seek(start)
        file.write(_box(b"moov", _with_user_data(index[8:], box)))
        file.flush()
        os.fsync(file.fileno())


def _start_of_last(file: BinaryIO) -> int:
    end = file.seek(0, os.SEEK_END)
    at = last = 0
    while at < end:
        last = at
        file.seek(at)
        at += _size(file.read(16), end - at)
    return last


def _with_user_data(index: bytes, box: bytes) -> bytes:
    """The boxes of an index with one more among the user's."""
    at = 0
    while at < len(index):
        size = _size(index[at : at + 16], len(index) - at)
        if index[at + 4 : at + 8] == b"udta":
            data = _box(b"udta", index[at + 8 : at + size] + box)
            return index[:at] + data + index[at + size :]
        at += size
    return index + _box(b"udta", box)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def _size(head: bytes, rest: int) -> int:
    """Length of the box that starts so: 1 stands for a number of 64 bits behind the name, 0 for all there is."""
    size = int(struct.unpack(">I", head[:4])[0])
    if size == 1:
        return int(struct.unpack(">Q", head[8:16])[0])
    return size or rest
