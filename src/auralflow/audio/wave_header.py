"""Where the samples of a WAV file lie, so that they can be used without being decoded.

Sources: Microsoft, "Multiple Channel Audio Data and WAVE Files" (the extensible format); EBU Tech 3306 (RF64, which
moves the sizes that do not fit 32 bits into a chunk of 64-bit numbers).
"""

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["WaveHeader", "read_wave_header"]

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
# What every GUID of a format that also has a plain tag ends in; the tag is its first two bytes.
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_UNKNOWN = 0xFFFF_FFFF


@dataclass(frozen=True)
class WaveHeader:
    """The `fmt ` and `data` chunks of a WAV file."""

    tag: int
    """1 is integer PCM, 3 is floating point; an extensible header's tag is the one of its subformat."""
    channels: int
    sample_rate: int
    bits: int
    offset: int
    """Where the first sample starts, in bytes from the start of the file."""
    size: int
    """Bytes of samples that the file holds."""
    missing: int
    """Bytes of samples that the header promises beyond those."""

    @property
    def dtype(self) -> str | None:
        """The samples' numpy type, or None where they have none, as 24-bit integers."""
        return {(_PCM, 16): "<i2", (_PCM, 32): "<i4", (_FLOAT, 32): "<f4"}.get(
            (self.tag, self.bits)
        )


def read_wave_header(file: BinaryIO) -> WaveHeader | None:
    """Walk the chunks of a file that is open for reading in binary; None where it is no WAV file with samples.

    A size of `0xFFFFFFFF`, or of 0 in the last chunk, is what a program writes that could not go back to fill it in:
    the samples then reach to the end of the file.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(12)
    if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        return None
    wide_size = None
    fmt = b""
    while len(chunk := file.read(8)) == 8:
        name, size = chunk[:4], int(struct.unpack("<I", chunk[4:])[0])
        start = file.tell()
        if name == b"ds64":
            body = file.read(16)
            if len(body) == 16:
                wide_size = int(struct.unpack("<8xQ", body)[0])
        elif name == b"fmt ":
            fmt = file.read(min(size, 40))
        elif name == b"data":
            present = end - start
            if size == _UNKNOWN and wide_size is not None:
                size = wide_size
            elif size == _UNKNOWN or (size == 0 and present > 0):
                size = present
            return _assemble(fmt, start, size, present)
        file.seek(start + size + size % 2)  # chunks lie at even positions
    return None


def _assemble(fmt: bytes, offset: int, declared: int, present: int) -> WaveHeader | None:
    if len(fmt) < 16:
        return None
    tag, channels, rate, _, _, bits = struct.unpack("<HHIIHH", fmt[:16])
    if tag == _EXTENSIBLE and len(fmt) == 40:
        valid_bits = struct.unpack("<H", fmt[18:20])[0]
        # Fewer valid bits than stored ones are padded at the low end, so the stored word is still the value.
        if fmt[26:40] == _GUID_TAIL and 0 < valid_bits <= bits:
            tag = struct.unpack("<H", fmt[24:26])[0]
    return WaveHeader(
        tag=tag,
        channels=channels,
        sample_rate=rate,
        bits=bits,
        offset=offset,
        size=min(declared, present),
        missing=max(0, declared - present),
    )
