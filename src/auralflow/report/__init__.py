"""Pictures of what a network does and how it was trained."""

from auralflow.report.comparison import spectrogram_comparison, waveform_comparison
from auralflow.report.history import plot_history
from auralflow.report.mixes import plot_mixes
from auralflow.report.pictures import plot_separation

__all__ = [
    "plot_history",
    "plot_mixes",
    "plot_separation",
    "spectrogram_comparison",
    "waveform_comparison",
]
