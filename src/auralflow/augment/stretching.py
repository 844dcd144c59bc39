"""Tempo and pitch changed by Signalsmith Stretch, on the CPU; the package is optional."""

from importlib.util import find_spec
from math import ceil

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.augment.options import AugmentConfig
from auralflow.errors import MissingExtraError

__all__ = ["require_libraries", "stretch"]


def require_libraries(config: AugmentConfig) -> None:
    """Make sure that what is switched on can be done.

    Raises:
        MissingExtraError: tempo or pitch is on, and the package that changes it is not installed.
    """
    wanted = [
        f"augment.{name}.probability is {section.probability:g}"
        for name, section in (("tempo", config.tempo), ("pitch", config.pitch))
        if section.probability > 0
    ]
    if wanted and find_spec("python_stretch") is None:
        raise MissingExtraError(
            f"{' and '.join(wanted)}, but the package python-stretch, which does it, is not installed: "
            'run pip install "auralflow[stretch]"'
        )


def stretch(
    stems: Float[Tensor, "S C T"], *, sample_rate: int, tempo: float = 1.0, semitones: float = 0.0
) -> Float[Tensor, "S C T"]:
    """The stems of one item faster by `tempo` and higher by `semitones`, as long as before.

    What is at sample t comes to t / tempo; where a faster tempo leaves too little, silence follows. All channels of all
    stems are changed in one pass, as if they were one signal: the phases that the algorithm has to choose are the same
    for all, so that the stems add up to the changed mixture and keep their places between left and right. One by one
    they would not.

    Source: the package python-stretch, which wraps Signalsmith Stretch.
    """
    from python_stretch import Signalsmith

    count, channels, samples = stems.shape
    processor = Signalsmith.Stretch(0)
    processor.preset(count * channels, sample_rate)
    processor.setTimeFactor(tempo)
    processor.setTransposeSemitones(semitones)
    # The first and last half block lack the window's other half, so that they fade: let these be silence.
    margin = processor.blockSamples() // 2
    heard = min(samples, ceil(samples * tempo) + margin)
    audio = stems.detach().cpu().numpy().reshape(count * channels, samples)[:, :heard]
    padded = np.pad(audio.astype(np.float32, copy=False), ((0, 0), (margin, margin)))
    changed = np.asarray(processor.process(padded), dtype=np.float32)
    first = round(margin / tempo)
    kept = min(samples, round(heard / tempo))
    result = np.zeros((count * channels, samples), np.float32)
    result[:, :kept] = changed[:, first : first + kept]
    return torch.from_numpy(result).to(stems.device).reshape(stems.shape)
