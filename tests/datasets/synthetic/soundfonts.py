"""The smallest soundfont there can be: one preset, one instrument, one looped period of a sine.

Source: SoundFont Technical Specification 2.01, E-mu Systems, 1998.
"""

import struct

import numpy as np

RATE = 44_100
PERIOD = 100
"""Samples of a period: 441 Hz at the sample's own rate."""
KEY = 69
"""The key at which the sample plays at its own rate."""


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _list(name: bytes, *chunks: bytes) -> bytes:
    return _chunk(b"LIST", name + b"".join(chunks))


def _name(text: str) -> bytes:
    return text.encode().ljust(20, b"\0")


def sine_soundfont(*, loudness: float = 0.5) -> bytes:
    """A sine that sounds while a key is held and is cut off then."""
    wave = loudness * np.sin(2 * np.pi * np.arange(20 * PERIOD) / PERIOD)
    # The specification wants 46 silent samples behind each sample.
    samples = np.concatenate([np.rint(32_767 * wave), np.zeros(46)]).astype("<i2").tobytes()
    looping, sample = 54, 53
    return _chunk(
        b"RIFF",
        b"sfbk"
        + _list(
            b"INFO",
            _chunk(b"ifil", struct.pack("<HH", 2, 1)),
            _chunk(b"isng", b"EMU8000\0"),
            _chunk(b"INAM", b"sine\0\0"),
        )
        + _list(b"sdta", _chunk(b"smpl", samples))
        + _list(
            b"pdta",
            _chunk(
                b"phdr",
                _name("sine")
                + struct.pack("<HHHIII", 0, 0, 0, 0, 0, 0)
                + _name("EOP")
                + struct.pack("<HHHIII", 0, 0, 1, 0, 0, 0),
            ),
            _chunk(b"pbag", struct.pack("<HHHH", 0, 0, 1, 0)),
            _chunk(b"pmod", b"\0" * 10),
            # Generator 41 names the instrument.
            _chunk(b"pgen", struct.pack("<HHHH", 41, 0, 0, 0)),
            _chunk(
                b"inst",
                _name("sine") + struct.pack("<H", 0) + _name("EOI") + struct.pack("<H", 1),
            ),
            _chunk(b"ibag", struct.pack("<HHHH", 0, 0, 2, 0)),
            _chunk(b"imod", b"\0" * 10),
            _chunk(b"igen", struct.pack("<HHHHHH", looping, 1, sample, 0, 0, 0)),
            _chunk(
                b"shdr",
                _name("sine")
                + struct.pack("<IIIIIBbHH", 0, 20 * PERIOD, PERIOD, 19 * PERIOD, RATE, KEY, 0, 0, 1)
                + _name("EOS")
                + b"\0" * 26,
            ),
        ),
    )
