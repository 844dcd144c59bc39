"""Hybrid Demucs: a spectrogram and the waveform side by side."""
