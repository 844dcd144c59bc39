"""Scores as museval writes them: a file for each track, which its own `EvalStore` and `MethodStore` read."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from auralflow.errors import ConfigError, ModelError
from auralflow.evaluation.comparison import Comparison
from auralflow.metrics import BSSEval, Metric, TrackScores

__all__ = ["FOLDER", "museval_files", "museval_json", "require_bss_eval"]

FOLDER = "museval"
"""What the files of all tracks lie in, a folder for each model."""

_RATIOS = {"SDR": "sdr", "SIR": "sir", "SAR": "sar", "ISR": "isr"}


def museval_json(
    targets: Sequence[str],
    scores: BSSEval,
    *,
    frame_seconds: float = 1.0,
    hop_seconds: float | None = None,
) -> str:
    """The scores of one track in the format of museval 0.4.1: `{"targets": [{"name": …, "frames": […]}]}`.

    To be read as one method's results, the files of all tracks lie in `METHOD/test`, each under its track's name, as
    in `METHOD/test/SONG.json`. As in museval's own files, numbers have five decimals, and infinite ones are NaN,
    which JSON does not know but museval writes. A hop that is not given is the frame.

    Raises `ModelError` where there are not as many targets as scores.
    """
    if len(targets) != len(scores.sdr):
        raise ModelError(
            f"there are {len(targets)} targets and scores of {len(scores.sdr)}: name each source once"
        )
    hop = frame_seconds if hop_seconds is None else hop_seconds
    numbers = {name: getattr(scores, field).tolist() for name, field in _RATIOS.items()}
    return _text(
        {
            target: {name: values[row] for name, values in numbers.items()}
            for row, target in enumerate(targets)
        },
        frame_seconds=frame_seconds,
        hop_seconds=hop,
    )


def require_bss_eval(metrics: Sequence[Metric[Any]]) -> None:
    """Raise `ConfigError` unless all is measured that museval's files hold."""
    if not set(_RATIOS.values()) <= {metric.name for metric in metrics}:
        raise ConfigError(
            f"the files of museval hold {', '.join(_RATIOS)}: measure them all, with bss-eval among the metrics"
        )


def museval_files(comparison: Comparison) -> dict[PurePath, str]:
    """Each track's file by where it goes: `museval/MODEL/test/SONG.json`."""
    return {
        PurePath(FOLDER, _named(evaluation.model), "test", f"{_named(track.name)}.json"): _of_track(
            track.scores
        )
        for evaluation in comparison.evaluations
        for track in evaluation.tracks
    }


def _of_track(scores: TrackScores) -> str:
    return _text(
        {
            source: {name: metrics[metric].frames for name, metric in _RATIOS.items()}
            for source, metrics in scores.scores.items()
        },
        frame_seconds=1.0,
        hop_seconds=1.0,
    )


def _named(text: str) -> str:
    """A name as one part of a path."""
    return text.replace("/", "_").replace("\\", "_")


def _text(
    targets: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    frame_seconds: float,
    hop_seconds: float,
) -> str:
    content = [
        {
            "name": target,
            "frames": [
                {
                    "time": frame * hop_seconds,
                    "duration": frame_seconds,
                    "metrics": {name: _rounded(values[frame]) for name, values in ratios.items()},
                }
                for frame in range(len(ratios["SDR"]))
            ],
        }
        for target, ratios in targets.items()
    ]
    return json.dumps({"targets": content, "museval_version": "0.4.1"}, indent=2) + "\n"


def _rounded(decibels: float) -> float:
    return round(decibels, 5) if math.isfinite(decibels) else math.nan
