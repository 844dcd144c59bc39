"""Demucs, on the waveform."""
