"""The rest of the band: who plays what, and in which sections."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.effects import Room, echo, spread
from auralflow.datasets.synthetic.form import ENERGY
from auralflow.datasets.synthetic.instruments import Instrument
from auralflow.datasets.synthetic.parts import PARTS
from auralflow.datasets.synthetic.song import Song
from auralflow.datasets.synthetic.timbres import draw_timbre

__all__ = ["play_chords"]

_ALL = frozenset({*ENERGY, "end"})
_FULL = frozenset({"pre-chorus", "chorus", "bridge", "outro", "end"})
_CALM = frozenset({"intro", "verse", "bridge", "break", "outro", "end"})
_LIVELY = frozenset({"intro", "pre-chorus", "chorus", "outro"})


def play_chords(song: Song) -> Float[ndarray, "2 T"]:
    """The stem of everything that is neither drums nor bass nor voice, at no particular level.

    A main part plays throughout. Beside it there may be a pad, an arpeggio or an answering tune, in some sections or in
    all. They lie where the voice lies, but speak no vowels and no consonants.
    """
    rng = song.generator("chords")
    style = song.style
    main, pad, lead = (str(rng.choice(names)) for names in (style.comps, style.pads, style.leads))
    cast = [(main, "comp" if rng.random() < 0.8 else "arpeggiate", _ALL, 1.0)]
    if pad:
        cast.append(
            (pad, "hold", [_ALL, _FULL, _CALM][int(rng.integers(3))], rng.uniform(0.3, 0.8))
        )
    if lead:
        kind = "arpeggiate" if rng.random() < 0.5 else "answer"
        cast.append(
            (lead, kind, [_ALL, _LIVELY, _FULL][int(rng.integers(3))], rng.uniform(0.4, 0.9))
        )
    if rng.random() < 0.25:
        second = str(rng.choice(style.comps))
        cast.append((second, "comp", _FULL, rng.uniform(0.4, 0.8)))
    track = np.zeros((2, song.samples), dtype=np.float32)
    for number, (name, part, sections, level) in enumerate(cast):
        chance = song.generator(f"chords {number}")
        instrument = Instrument(
            draw_timbre(chance, name),
            song.generator(f"chords {number} sound"),
            sample_rate=song.sample_rate,
        )
        heard = PARTS[part](song, instrument, chance, sections)
        heard *= np.float32(level / max(_rms(heard), 1e-6))
        track += _treated(song, chance, heard, part)
    room = Room(
        song.generator("chords room"),
        sample_rate=song.sample_rate,
        seconds=float(rng.uniform(0.3, 1.6)),
        wet=float(rng.uniform(0.03, 0.2)),
        brightness=float(rng.uniform(2500.0, 6000.0)),
    )
    return room(track)


def _treated(
    song: Song, rng: np.random.Generator, heard: Float[ndarray, "2 T"], part: str
) -> Float[ndarray, "2 T"]:
    """Now and then wider than it was, or with an echo in time."""
    if part == "hold" and rng.random() < 0.5:
        return spread(heard, sample_rate=song.sample_rate, seconds=float(rng.uniform(0.008, 0.02)))
    if part in ("arpeggiate", "answer") and rng.random() < 0.5:
        return echo(
            heard,
            sample_rate=song.sample_rate,
            seconds=3 * song.step_seconds,
            level=float(rng.uniform(0.2, 0.4)),
        )
    return heard


def _rms(track: Float[ndarray, "2 T"]) -> float:
    """Root mean square where something sounds."""
    power = np.mean(np.square(track), axis=0)
    return float(np.sqrt(power.sum() / max(1, np.count_nonzero(power > 1e-8))))
