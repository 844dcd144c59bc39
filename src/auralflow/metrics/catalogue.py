"""The visible list of metrics: evaluation, tables and files follow from it."""

from auralflow.metrics.metric import Metric
from auralflow.metrics.sdr import SDR
from auralflow.metrics.si_sdr import SI_SDR
from auralflow.metrics.usdr import USDR

__all__ = ["METRICS"]

METRICS: dict[str, Metric] = {metric.name: metric for metric in (SDR, USDR, SI_SDR)}
