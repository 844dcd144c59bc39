"""Hybrid Transformer Demucs: Hybrid Demucs with attention between its two branches."""
