"""Framewise signal-to-distortion ratio, as the 2018 evaluation campaign (SiSEC) and museval report it."""

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.errors import ModelError
from auralflow.metrics.energy_meter import EnergyMeter
from auralflow.metrics.metric import Metric
from auralflow.metrics.sums import Sums, audio_sums, frames_that_count, is_silent
from auralflow.shapes import Stems

__all__ = ["SDR", "energy_ratio", "sdr_frames"]


def energy_ratio(sums: Sums) -> Float[Tensor, "..."]:
    """10 log10 of the reference's energy over the error's, in dB.

    A perfect estimate gives +inf, a silent reference NaN.
    """
    ratio = 10 * torch.log10(sums.reference / sums.error)
    return torch.where(sums.reference > 0, ratio, torch.nan)


def sdr_frames(estimate: Stems, reference: Stems, *, frame: int) -> Float[Tensor, "B S N"]:
    """SDR of each stem in consecutive frames of `frame` samples, in dB; higher is better.

    Channels are taken together. Samples after the last full frame are not measured, unless there is no full frame:
    then they are the only one. Frames that do not count are NaN, see `frames_that_count`.

    Raises `ModelError` for unequal shapes and for a frame without samples.

    Source: museval 0.4.1, `metrics.bss_eval` with `window = hop = frame`; its SDR needs no distortion filters, for
    they split the error into parts whose sum is the error again.
    """
    if estimate.shape != reference.shape or frame < 1 or estimate.shape[-1] < 1:
        raise ModelError(
            f"the estimate has shape {tuple(estimate.shape)}, the reference "
            f"{tuple(reference.shape)} and a frame {frame} samples: give equal shapes and at "
            "least one sample"
        )
    frame = min(frame, estimate.shape[-1])
    estimates, references = (
        audio.unfold(-1, frame, frame).movedim(-2, 2) for audio in (estimate, reference)
    )
    counts = frames_that_count(is_silent(references), is_silent(estimates))
    return torch.where(counts, energy_ratio(audio_sums(estimates, references)), torch.nan)


SDR = Metric(
    name="sdr",
    aliases=("csdr", "bss-eval"),
    label="SDR",
    explanation="signal to distortion ratio of BSSEval v4 (museval): median over frames of 1 s",
    source="Stöter, Liutkus and Ito, “The 2018 Signal Separation Evaluation Campaign”, LVA/ICA 2018; museval 0.4.1",
    framewise=True,
    by_default=True,
    meter=EnergyMeter,
    read=lambda meter: meter.of_frames(energy_ratio),
)
