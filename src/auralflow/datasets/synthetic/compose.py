"""A whole song: the players together, at the levels of a pop mix."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.bass import play_bass
from auralflow.datasets.synthetic.chords import play_chords
from auralflow.datasets.synthetic.drums import play_drums
from auralflow.datasets.synthetic.song import Song, draw_song
from auralflow.datasets.synthetic.tones import fade
from auralflow.datasets.synthetic.vocals import sing_vocals
from auralflow.errors import DataError
from auralflow.shapes import Audio

__all__ = ["STEMS", "compose_song"]

STEMS = ("drums", "bass", "other", "vocals")

_LOWEST_RATE = 4000
_ACTIVE = 1e-3
"""A sample belongs to the sounding part of a stem where its envelope is above this share of the stem's peak."""


def compose_song(seed: int, *, seconds: float, sample_rate: int = 44_100) -> dict[str, Audio]:
    """Compose a song and play it: the stems `drums`, `bass`, `other` and `vocals`, in stereo.

    The same seed gives the same song, whatever the machine; each seed has its own tempo, key, chords, rhythms, sounds and
    melody. Every stem has `round(seconds * sample_rate)` samples. The plain sum of the stems is the mixture, and neither it
    nor any stem goes beyond 0.9. While the voice sings, it holds between a quarter and two fifths of the mixture's energy;
    in its rests the vocals are exactly zero.

    Raises `DataError` for a negative seed, a length below one sample, or a rate below 4 kHz.
    """
    samples = round(seconds * sample_rate)
    if seed < 0:
        raise DataError(f"the seed of a song is {seed}: give a whole number from 0 on")
    if sample_rate < _LOWEST_RATE:
        raise DataError(
            f"a song at {sample_rate} Hz has no room for music: ask for 4000 Hz or more"
        )
    if samples < 1:
        raise DataError(f"a song of {seconds} seconds has no samples: ask for a longer one")
    song = draw_song(seed, samples=samples, sample_rate=sample_rate)
    played = {
        "drums": play_drums(song),
        "bass": play_bass(song),
        "other": play_chords(song),
        "vocals": sing_vocals(song),
    }
    return _mix(song, played)


def _mix(song: Song, played: dict[str, Float[ndarray, "2 T"]]) -> dict[str, Audio]:
    """Set the levels of the stems to one another and of the whole to full scale."""
    rng = song.generator("levels")
    wanted_db = {
        "drums": rng.uniform(-2.0, 2.0),
        "bass": rng.uniform(-3.0, 1.0),
        "other": rng.uniform(-2.0, 2.0),
    }
    for name, level_db in wanted_db.items():
        played[name] *= 10.0 ** (level_db / 20.0) / _rms(played[name], _sounding(played[name]))
    vocals = played["vocals"]
    singing = _sounding(vocals)
    band = played["drums"] + played["bass"] + played["other"]
    over_band_db = rng.uniform(-4.5, -1.5)
    vocals *= 10.0 ** (over_band_db / 20.0) * _rms(band, singing) / _rms(vocals, singing)
    peak = max(float(np.abs(stem).max()) for stem in (band + vocals, *played.values()))
    gain = float(rng.uniform(0.6, 0.88)) / max(peak, 1e-9)
    stems = {}
    for name in STEMS:
        fade(played[name], sample_rate=song.sample_rate, rise=0.0, fall=0.02)
        stems[name] = (gain * played[name]).astype(np.float32)
    return stems


def _sounding(stem: Float[ndarray, "2 T"]) -> ndarray:
    """For each sample whether the stem sounds there."""
    level = np.abs(stem).max(axis=0)
    return np.asarray(level > _ACTIVE * level.max())


def _rms(stem: Float[ndarray, "2 T"], where: ndarray) -> float:
    energy = float(np.einsum("ct,ct,t->", stem, stem, where.astype(stem.dtype)))
    return max(float(np.sqrt(energy / max(2 * int(where.sum()), 1))), 1e-9)
