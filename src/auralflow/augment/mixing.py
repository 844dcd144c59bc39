"""From stems to the mixture that the network hears."""

from auralflow.shapes import Mixture, Stems

__all__ = ["mix"]


def mix(stems: Stems) -> Mixture:
    """The sum of the stems, neither scaled nor clipped, so that they still add up to it."""
    return stems.sum(dim=1)
