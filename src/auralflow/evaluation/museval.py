"""Scores as museval writes them: a file for each track, which its own `EvalStore` and `MethodStore` read."""

import json
import math
from collections.abc import Sequence

from auralflow.errors import ModelError
from auralflow.metrics import BSSEval

__all__ = ["museval_json"]


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
    ratios = {"SDR": scores.sdr, "SIR": scores.sir, "SAR": scores.sar, "ISR": scores.isr}
    numbers = {name: values.tolist() for name, values in ratios.items()}
    content = [
        {
            "name": target,
            "frames": [
                {
                    "time": frame * hop,
                    "duration": frame_seconds,
                    "metrics": {
                        name: _rounded(values[row][frame]) for name, values in numbers.items()
                    },
                }
                for frame in range(scores.sdr.shape[-1])
            ],
        }
        for row, target in enumerate(targets)
    ]
    return json.dumps({"targets": content, "museval_version": "0.4.1"}, indent=2) + "\n"


def _rounded(decibels: float) -> float:
    return round(decibels, 5) if math.isfinite(decibels) else math.nan
