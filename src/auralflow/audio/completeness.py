"""Whether a file is as long as its own header says.

libsndfile takes a file that was cut off for a shorter one without a word; the headers of these three families tell.
"""

import os
import struct
from pathlib import Path
from typing import BinaryIO

from auralflow.audio.wave_header import read_wave_header

__all__ = ["has_mp3_length", "missing_bytes"]

# The tag comes after at most 4 bytes of header, 2 of checksum and 32 of side information, and is read with 16 more.
_TAG_WITHIN = 64


def missing_bytes(path: Path) -> int:
    """Bytes that a WAV, AIFF or MP3 file lacks by its own header; 0 for a whole one, and where no header tells."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] in (b"RIFF", b"RF64"):
            header = read_wave_header(file)
            return 0 if header is None else header.missing
        if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
            declared = 8 + int(struct.unpack(">I", head[4:8])[0])
            return max(0, declared - size)
        tag = _find_length_tag(file)
    if tag is None:
        return 0
    start, declared = tag
    # Writers disagree on whether the first frame counts; one per cent is far more than a frame of any real song.
    return max(0, declared - (size - start)) if size - start < 0.99 * declared else 0


def has_mp3_length(path: Path) -> bool:
    """Whether an MP3 file starts with a frame that states its length.

    Without it, libsndfile's length is a guess from the file's size, and is off by as much as half a second.
    """
    with path.open("rb") as file:
        return _find_length_tag(file) is not None


def _find_length_tag(file: BinaryIO) -> tuple[int, int] | None:
    """Position of the first MP3 frame and the bytes from there on that its Xing or Info tag declares (0 if none)."""
    start = _after_id3(file)
    file.seek(start)
    frame = file.read(_TAG_WITHIN)
    if len(frame) < _TAG_WITHIN or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return None
    for name in (b"Xing", b"Info"):
        at = frame.find(name)
        if at < 0:
            continue
        flags, *numbers = struct.unpack(">3I", frame[at + 4 : at + 16])
        if not flags & 1:  # bit 0: the number of frames is there
            return None
        return start, numbers[1] if flags & 2 else 0  # bit 1: so is the number of bytes
    return None


def _after_id3(file: BinaryIO) -> int:
    """Where the first frame is: behind the ID3v2 tags, whose size is written in 4 × 7 bits."""
    at = 0
    while True:
        file.seek(at, os.SEEK_SET)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3":
            return at
        at += 10
        for power, byte in enumerate(reversed(head[6:10])):
            at += (byte & 0x7F) << (7 * power)
        if head[5] & 0x10:  # a footer repeats the header
            at += 10
