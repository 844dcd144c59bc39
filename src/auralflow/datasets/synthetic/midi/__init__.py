"""MIDI files as tracks: their instruments grouped into stems, and played by a General MIDI soundfont."""

from auralflow.datasets.synthetic.midi.collection import plan_midi_collection

__all__ = ["plan_midi_collection"]
