"""The visible list of metrics: evaluation, tables, files and docs follow from it."""

from typing import Any

from auralflow.metrics.metric import Metric
from auralflow.metrics.sdr import SDR
from auralflow.metrics.si_sdr import SI_SDR
from auralflow.metrics.usdr import USDR

__all__ = ["DEFAULT_METRICS", "METRICS"]

METRICS: dict[str, Metric[Any]] = {metric.name: metric for metric in (SDR, USDR, SI_SDR)}

DEFAULT_METRICS = tuple(metric for metric in METRICS.values() if metric.by_default)
