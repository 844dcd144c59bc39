"""A MIDI file taken apart: for each stem a file with its notes alone, and all else that was in it."""

import io
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auralflow.datasets.synthetic.midi.grouping import FOUR, Grouping, stem_of
from auralflow.errors import DataError, MissingExtraError

__all__ = ["Score", "read_score", "volume_of"]

_VOLUME = 7
"""The controller of a channel's volume, of which the square is heard."""
_USUAL_VOLUME = 100
_CHANNELS = 16

Event = tuple[int, Any]
"""Ticks from the start, and mido's message."""


@dataclass(frozen=True)
class Score:
    """The notes of each stem, and what steers the instruments."""

    seconds: float
    """Until the last message."""
    notes: dict[str, list[Event]]
    steering: list[Event]
    """Tempo, programs, controllers and pitch wheels, for every stem alike."""
    ticks_per_beat: int

    def midi_of(self, stem: str, *, tail_seconds: float, softer: int = 1) -> bytes:
        """A file with the notes of one stem, that ends `tail_seconds` behind the last message.

        With `softer` every channel's volume is lowered, so that its amplitude is `volume_of(softer)` of what it was.
        """
        import mido

        events = sorted([*self.steering, *self.notes.get(stem, [])], key=lambda event: event[0])
        last = events[-1][0] if events else 0
        tempo = next((m.tempo for _, m in reversed(events) if m.type == "set_tempo"), 500_000)
        events.append((last + int(tail_seconds * 1e6 / tempo * self.ticks_per_beat), _nothing()))
        if softer > 1:
            events = [*_volumes(), *events]
            events = [(ticks, _lowered(message, softer)) for ticks, message in events]
        file = mido.MidiFile(type=0, ticks_per_beat=self.ticks_per_beat)
        track = file.add_track()
        before = 0
        for ticks, message in events:
            track.append(message.copy(time=ticks - before))
            before = ticks
        buffer = io.BytesIO()
        file.save(file=buffer)
        return buffer.getvalue()


def volume_of(softer: int) -> float:
    """The amplitude of a channel of the usual volume, lowered `softer` times, beside what it was."""
    return float((round(_USUAL_VOLUME / softer**0.5) / _USUAL_VOLUME) ** 2)


def read_score(path: Path, *, grouping: Grouping, vocals_track: str | None = None) -> Score:
    """Read a MIDI file; a track called `vocals_track` is sung, whatever its program.

    Raises `DataError` if the file is no MIDI file, is damaged or has no notes, `MissingExtraError` without mido.
    """
    try:
        import mido
    except ImportError as error:
        raise MissingExtraError(
            'MIDI files are read with mido, which is not installed: pip install "auralflow[midi]"'
        ) from error
    try:
        file = mido.MidiFile(path, clip=True)
        seconds = float(file.length)
    # Whatever a damaged file makes mido stumble over, from EOFError to IndexError.
    except Exception as error:
        raise DataError(
            f"{path} cannot be read as a MIDI file ({type(error).__name__}: {error}): repair it or leave it out"
        ) from error
    notes, steering = _divided(file, grouping, vocals_track)
    if not any(notes.values()):
        raise DataError(f"{path} has no notes: leave it out")
    stems = (
        {name: notes[name] for name in FOUR} if grouping == "four" else dict(sorted(notes.items()))
    )
    return Score(seconds, stems, steering, file.ticks_per_beat)


def _divided(
    file: Any, grouping: Grouping, vocals_track: str | None
) -> tuple[defaultdict[str, list[Event]], list[Event]]:
    """The notes of each stem, and all else, in the order of time."""
    notes: defaultdict[str, list[Event]] = defaultdict(list)
    steering: list[Event] = []
    programs = [0] * _CHANNELS
    sounding: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for ticks, track, message in _in_time(file):
        if message.type not in ("note_on", "note_off"):
            if message.type == "program_change":
                programs[message.channel] = message.program
            if message.type != "end_of_track":
                steering.append((ticks, message))
            continue
        held = sounding[message.channel, message.note]
        if message.type == "note_on" and message.velocity:
            sung = vocals_track is not None and track.casefold() == vocals_track.casefold()
            stem = stem_of(message.channel, programs[message.channel], grouping)
            held.append("vocals" if sung else stem)
            notes[held[-1]].append((ticks, message))
        elif held:
            # A program may have changed while the note sounded: it ends where it began.
            notes[held.pop(0)].append((ticks, message))
    return notes, steering


def _in_time(file: Any) -> list[tuple[int, str, Any]]:
    """Ticks, the track's name and the message of all tracks; those of one moment in the file's order."""
    events = []
    for track in file.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            events.append((ticks, track.name.strip(), message))
    return sorted(events, key=lambda event: event[0])


def _nothing() -> Any:
    """A controller that no instrument listens to, so that a file can end later than its last note."""
    import mido

    return mido.Message("control_change", control=3, value=0)


def _volumes() -> list[Event]:
    import mido

    return [
        (0, mido.Message("control_change", channel=channel, control=_VOLUME, value=_USUAL_VOLUME))
        for channel in range(_CHANNELS)
    ]


def _lowered(message: Any, softer: int) -> Any:
    if message.type == "control_change" and message.control == _VOLUME:
        return message.copy(value=round(message.value / softer**0.5))
    return message
