"""Pictures of what a network does and how it was trained."""

from auralflow.report.history import plot_history
from auralflow.report.mixes import plot_mixes
from auralflow.report.pictures import plot_separation

__all__ = ["plot_history", "plot_mixes", "plot_separation"]
