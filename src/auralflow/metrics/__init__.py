"""(estimate, reference) → named numbers: how good a separation is, in dB."""

from auralflow.metrics.accumulator import EnergyRatios
from auralflow.metrics.catalogue import METRICS
from auralflow.metrics.metric import Metric
from auralflow.metrics.scores import Score, TrackScores
from auralflow.metrics.sdr import sdr_frames
from auralflow.metrics.si_sdr import si_sdr
from auralflow.metrics.summary import Summary, Total, summarise
from auralflow.metrics.usdr import usdr

__all__ = [
    "METRICS",
    "EnergyRatios",
    "Metric",
    "Score",
    "Summary",
    "Total",
    "TrackScores",
    "sdr_frames",
    "si_sdr",
    "summarise",
    "usdr",
]
