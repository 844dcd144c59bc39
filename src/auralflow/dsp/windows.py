"""By what names chunks can be cross-faded; `auralflow.dsp.chunks` knows what they do."""

from typing import Literal, get_args

__all__ = ["MAX_OVERLAP", "WINDOWS", "Window"]

Window = Literal["cubic", "triangle", "hann", "flat"]
"""How trust falls towards an edge that was cut."""
WINDOWS: tuple[Window, ...] = get_args(Window)
MAX_OVERLAP = 0.95
"""Largest share of a chunk that may be computed again by the next one: 20 times the work."""
