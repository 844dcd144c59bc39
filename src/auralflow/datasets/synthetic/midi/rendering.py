"""A score played by a soundfont, stem by stem, and mastered as a whole."""

import io
import logging
from pathlib import Path
from types import ModuleType

import numpy as np
import soundfile

from auralflow.audio import resample
from auralflow.datasets.synthetic.master import mastering_gain
from auralflow.datasets.synthetic.midi.grouping import Grouping
from auralflow.datasets.synthetic.midi.score import Score, read_score, volume_of
from auralflow.errors import DataError, MissingExtraError
from auralflow.shapes import Audio

__all__ = ["TAIL_SECONDS", "find_player", "render_midi"]

TAIL_SECONDS = 2.0
"""How long the last note may ring."""

_LOUDNESS_LUFS = -14.0
_log = logging.getLogger(__name__)


def render_midi(
    path: Path,
    *,
    soundfont: Path,
    samples: int,
    sample_rate: int,
    grouping: Grouping = "four",
    vocals_track: str | None = None,
) -> dict[str, Audio]:
    """The stems of a MIDI file in stereo, `samples` long, together at -14 LUFS and below -1 dBFS.

    Raises `DataError` if file or soundfont cannot be read, `MissingExtraError` without the extra `midi`.
    """
    score = read_score(path, grouping=grouping, vocals_track=vocals_track)
    font = soundfont.read_bytes()
    stems = {
        name: _fitted(_play(score, name, font, soundfont, sample_rate), samples)
        for name in score.notes
    }
    gain = mastering_gain(stems, sample_rate=sample_rate, target_lufs=_LOUDNESS_LUFS)
    return {name: stem * gain for name, stem in stems.items()}


def find_player() -> ModuleType:
    """The library that plays soundfonts; raises `MissingExtraError` where it is not installed."""
    try:
        import midirenderer
    except ImportError as error:
        raise MissingExtraError(
            'MIDI files are played with midirenderer, which is not installed: pip install "auralflow[midi]"'
        ) from error
    # A local name with a type, since the library is not there for every type checker.
    player: ModuleType = midirenderer
    return player


def _play(score: Score, stem: str, font: bytes, soundfont: Path, sample_rate: int) -> Audio:
    if not score.notes[stem]:
        return np.zeros((2, 0), dtype=np.float32)
    player = find_player()
    # The renderer writes 16 bit: what would be cut off there is played softer and raised again.
    for softer in (1, 4, 16):
        midi = score.midi_of(stem, tail_seconds=TAIL_SECONDS, softer=softer)
        try:
            wave = player.render_wave_from(font, midi)
        # The library has no error types of its own; a panic of its Rust is no Exception.
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            raise DataError(
                f"the soundfont {soundfont} does not play ({error}): choose another with --soundfont"
            ) from error
        words, rate = soundfile.read(io.BytesIO(wave), dtype="int16", always_2d=True)
        if np.abs(words.astype(np.int32)).max(initial=0) < 32_767:
            break
    else:
        _log.warning("%s: %s is so loud that the soundfont's player cut it off", stem, soundfont)
    audio = (words.T / np.float32(32_768 * volume_of(softer))).astype(np.float32)
    return resample(audio, source=rate, wanted=sample_rate)


def _fitted(audio: Audio, samples: int) -> Audio:
    """Cut or continued with silence."""
    cut = audio[:, :samples]
    return np.pad(cut, ((0, 0), (0, samples - cut.shape[-1])))
