"""(estimate, reference) → named numbers: how good a separation is."""

from auralflow.metrics.catalogue import DEFAULT_METRICS, METRICS
from auralflow.metrics.choosing import parse_metrics
from auralflow.metrics.meter import Meter, Readings
from auralflow.metrics.metric import Metric
from auralflow.metrics.scores import Score, TrackScores
from auralflow.metrics.sdr import sdr_frames
from auralflow.metrics.si_sdr import si_sdr
from auralflow.metrics.summary import Summary, Total, summarise
from auralflow.metrics.track_meter import TrackMeter
from auralflow.metrics.usdr import usdr

__all__ = [
    "DEFAULT_METRICS",
    "METRICS",
    "Meter",
    "Metric",
    "Readings",
    "Score",
    "Summary",
    "Total",
    "TrackMeter",
    "TrackScores",
    "parse_metrics",
    "sdr_frames",
    "si_sdr",
    "summarise",
    "usdr",
]
