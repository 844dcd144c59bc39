"""(estimate, reference) → named numbers: how good a separation is."""

from auralflow.metrics.bss_eval import BSSEval, bss_eval
from auralflow.metrics.catalogue import DEFAULT_METRICS, METRICS
from auralflow.metrics.choosing import parse_metrics
from auralflow.metrics.log_wmse import log_wmse
from auralflow.metrics.meter import Meter, Readings
from auralflow.metrics.metric import Metric
from auralflow.metrics.nsdr import nsdr
from auralflow.metrics.scores import Score, TrackScores
from auralflow.metrics.sdr import sdr_frames
from auralflow.metrics.si_sdr import si_sdr
from auralflow.metrics.si_sdri import si_sdri
from auralflow.metrics.snr import snr
from auralflow.metrics.summary import Summary, Total, summarise
from auralflow.metrics.track_meter import TrackMeter
from auralflow.metrics.usdr import usdr

__all__ = [
    "DEFAULT_METRICS",
    "METRICS",
    "BSSEval",
    "Meter",
    "Metric",
    "Readings",
    "Score",
    "Summary",
    "Total",
    "TrackMeter",
    "TrackScores",
    "bss_eval",
    "log_wmse",
    "nsdr",
    "parse_metrics",
    "sdr_frames",
    "si_sdr",
    "si_sdri",
    "snr",
    "summarise",
    "usdr",
]
