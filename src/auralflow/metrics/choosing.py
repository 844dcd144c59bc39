"""Which metrics are wanted, from what a person typed."""

from collections.abc import Sequence
from typing import Any

from auralflow.config.layers import did_you_mean
from auralflow.errors import ConfigError
from auralflow.metrics.catalogue import DEFAULT_METRICS, METRICS
from auralflow.metrics.metric import Metric

__all__ = ["parse_metrics"]

_GROUPS = {"all": tuple(METRICS.values()), "default": DEFAULT_METRICS}


def parse_metrics(names: str | Sequence[str] | None = None) -> list[Metric[Any]]:
    """The metrics of these names, each once, in the catalogue's order; those measured by default if none are given.

    `names` are a text with commas, or a list. Beside names there are aliases, `default` and `all`. Capitals do not
    matter, and `_` is as good as `-`.

    Raises `ConfigError` for a name that is none.
    """
    if names is None:
        return list(DEFAULT_METRICS)
    listed = names.split(",") if isinstance(names, str) else names
    keys = [name.strip().lower().replace("_", "-") for name in listed if name.strip()]
    if not keys:
        raise ConfigError(f"metrics is empty: name some of {', '.join(METRICS)}, or leave it out")
    wanted = {metric.name for key in keys for metric in _called(key)}
    return [metric for name, metric in METRICS.items() if name in wanted]


def _called(key: str) -> tuple[Metric[Any], ...]:
    if key in _GROUPS:
        return _GROUPS[key]
    if key in METRICS:
        return (METRICS[key],)
    found = tuple(metric for metric in METRICS.values() if key in metric.aliases)
    if found:
        return found
    known = [*METRICS, *(alias for m in METRICS.values() for alias in m.aliases), *_GROUPS]
    raise ConfigError(
        f"metrics has {key}{did_you_mean(key, known)}: choose from {', '.join((*METRICS, *_GROUPS))}"
    )
