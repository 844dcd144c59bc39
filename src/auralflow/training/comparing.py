"""What a loss compares, of a network's estimate and the true stems."""

from auralflow.losses import Pair, Resolution
from auralflow.models.base import Estimate, Separator
from auralflow.shapes import Mixture, Stems

__all__ = ["pair_of"]


def pair_of(model: Separator, estimate: Estimate, *, stems: Stems, mixture: Mixture) -> Pair:
    """An estimate of a mixture beside its true stems, in any form that a loss asks for."""
    signal = model.signal
    return Pair.of(
        estimate.values,
        estimate.audio,
        stems=stems,
        mixture=mixture,
        represent=model.reference,
        resolution=Resolution(signal.num_fft, signal.window_size, signal.hop_length),
        sample_rate=signal.sample_rate,
    )
