"""A whole song: the players together, mixed and mastered."""

import math
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.bass import play_bass
from auralflow.datasets.synthetic.chords import play_chords
from auralflow.datasets.synthetic.drums import play_drums
from auralflow.datasets.synthetic.master import mastering_gain
from auralflow.datasets.synthetic.song import STEPS, Song, draw_song
from auralflow.datasets.synthetic.tones import fade
from auralflow.datasets.synthetic.vocals import sing_vocals
from auralflow.errors import DataError
from auralflow.shapes import Audio

__all__ = ["LOUDNESS_LUFS", "STEMS", "compose_song", "require_possible"]

STEMS = ("drums", "bass", "other", "vocals")

LOUDNESS_LUFS = (-14.0, -9.0)
"""From and to: streaming services play at the first, records of pop and rock come at the second."""

_LOWEST_RATE = 4000
_ACTIVE = 1e-3
"""A sample belongs to the sounding part of a stem where its envelope is above this share of the stem's peak."""


def compose_song(seed: int, *, seconds: float, sample_rate: int = 44_100) -> dict[str, Audio]:
    """Compose a song and play it: the stems `drums`, `bass`, `other` and `vocals`, in stereo.

    The same seed gives the same song; each has its own style, tempo, key, form, chords, rhythms, sounds and melody. Every
    stem has `round(seconds * sample_rate)` samples. The plain sum of the stems is the mixture, which is as loud as
    mastered music; neither it nor any stem goes beyond -1 dBFS. While the voice sings, it holds between a quarter and
    nine twentieths of the mixture's energy; in its rests the vocals are exactly zero.

    Raises `DataError` for a negative seed, a length below one sample, or a rate below 4 kHz.
    """
    samples = require_possible(seed, seconds=seconds, sample_rate=sample_rate)
    song = draw_song(seed, samples=samples, sample_rate=sample_rate)
    played = {
        "drums": play_drums(song),
        "bass": play_bass(song),
        "other": play_chords(song),
        "vocals": sing_vocals(song),
    }
    _mix(song, played)
    gain = mastering_gain(
        played,
        sample_rate=sample_rate,
        target_lufs=float(song.generator("master").uniform(*LOUDNESS_LUFS)),
    )
    return {name: stem * gain for name, stem in played.items()}


def require_possible(seed: int, *, seconds: float, sample_rate: int) -> int:
    """The number of samples of a song; raises what `compose_song` does."""
    if seed < 0:
        raise DataError(f"the seed of a song is {seed}: give a whole number from 0 on")
    if sample_rate < _LOWEST_RATE:
        raise DataError(
            f"a song at {sample_rate} Hz has no room for music: ask for 4000 Hz or more"
        )
    if not math.isfinite(seconds) or round(seconds * sample_rate) < 1:
        raise DataError(f"a song of {seconds} seconds has no samples: ask for a longer one")
    return round(seconds * sample_rate)


def _mix(song: Song, played: Mapping[str, Float[ndarray, "2 T"]]) -> None:
    """Set the levels of the stems to one another, in place, and let them end together."""
    rng = song.generator("levels")
    wanted_db = {
        "drums": rng.uniform(-2.5, 2.5),
        "bass": rng.uniform(-3.5, 1.0),
        "other": rng.uniform(-3.0, 2.0),
    }
    for name, level_db in wanted_db.items():
        stem = played[name]
        stem *= np.float32(10.0 ** (level_db / 20.0) / _rms(stem, _sounding(stem)))
    vocals = played["vocals"]
    singing = _sounding(vocals)
    band = played["drums"] + played["bass"] + played["other"]
    over_band_db = rng.uniform(-5.0, -2.0)
    ratio = _rms(band, singing) / _rms(vocals, singing)
    vocals *= np.float32(10.0 ** (over_band_db / 20.0) * ratio)
    outro = sum(bar.section == "outro" for bar in song.bars) if song.fades_out else 0
    for stem in played.values():
        if outro:
            length = min(song.samples, song.samples_of(outro * STEPS))
            stem[:, -length:] *= np.linspace(1.0, 0.0, length, dtype=np.float32) ** 1.5
        fade(stem, sample_rate=song.sample_rate, rise=0.0, fall=0.02)


def _sounding(stem: Float[ndarray, "2 T"]) -> ndarray:
    """For each sample whether the stem sounds there."""
    level = np.abs(stem).max(axis=0)
    return np.asarray(level > _ACTIVE * level.max())


def _rms(stem: Float[ndarray, "2 T"], where: ndarray) -> float:
    power = np.square(stem[0], dtype=np.float32) + np.square(stem[1], dtype=np.float32)
    energy = float(np.sum(power, where=where, dtype=np.float64))
    return max(float(np.sqrt(energy / max(2 * int(where.sum()), 1))), 1e-9)
