"""Spleeter's U-Nets, one for each target."""
