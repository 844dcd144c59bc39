"""From settings to the network that they describe."""

from auralflow.models.base import Separator
from auralflow.models.factory import build
from auralflow.models.signal import Signal
from auralflow.settings.sections import Settings

__all__ = ["build_network"]


def build_network(settings: Settings, targets: tuple[str, ...]) -> Separator:
    """The network that settings describe, with fresh weights."""
    data = settings.data
    signal = Signal(
        data.sample_rate,
        data.channels,
        data.num_fft,
        data.window_size,
        data.hop_length,
        data.chunk_size,
    )
    return build(settings.model, signal=signal, targets=targets)
