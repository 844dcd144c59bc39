"""The visible list of metrics: evaluation, tables, files and docs follow from it."""

from typing import Any

from auralflow.metrics.aura_stft import AURA_MRSTFT, AURA_STFT
from auralflow.metrics.bleed import BLEEDLESS, BLEEDLESS_MR, FULLNESS, FULLNESS_MR
from auralflow.metrics.bss_eval_meter import ISR, SAR, SIR
from auralflow.metrics.l1_freq import L1_FREQ
from auralflow.metrics.log_wmse import LOG_WMSE
from auralflow.metrics.metric import Metric
from auralflow.metrics.mrstft import MRSTFT
from auralflow.metrics.nsdr import NSDR
from auralflow.metrics.sdr import SDR
from auralflow.metrics.si_sdr import SI_SDR
from auralflow.metrics.si_sdri import SI_SDRI
from auralflow.metrics.snr import SNR
from auralflow.metrics.usdr import USDR

__all__ = ["DEFAULT_METRICS", "METRICS"]

_ALL: tuple[Metric[Any], ...] = (
    SDR,
    USDR,
    SI_SDR,
    SI_SDRI,
    NSDR,
    SNR,
    ISR,
    SIR,
    SAR,
    LOG_WMSE,
    L1_FREQ,
    MRSTFT,
    AURA_STFT,
    AURA_MRSTFT,
    BLEEDLESS,
    FULLNESS,
    BLEEDLESS_MR,
    FULLNESS_MR,
)

METRICS: dict[str, Metric[Any]] = {metric.name: metric for metric in _ALL}

DEFAULT_METRICS = tuple(metric for metric in METRICS.values() if metric.by_default)
