"""One segment through a network and what is asked for after it.

mixture ─┬─▶ flipped ─▶ network ─▶ flipped back ─┐
├─▶ …                                   ├─▶ mean ─▶ Wiener filter ─▶ consistency ─▶ targets
└─▶ network ───────────────────────────┘
"""

from collections.abc import Callable, Sequence
from functools import cache, reduce
from itertools import combinations

import torch

from auralflow.config.layers import did_you_mean
from auralflow.dsp.stft import Stft
from auralflow.dsp.wiener import wiener
from auralflow.errors import ConfigError, ModelError
from auralflow.models.base import Separator
from auralflow.models.streaming.channels import fold_channels
from auralflow.models.streaming.options import Flip, SeparationOptions
from auralflow.shapes import Mixture, Stems

__all__ = ["answering", "chosen_rows"]

Answer = Callable[[Mixture], Stems]


@cache
def _transform() -> Stft:
    """What the Wiener filter listens through: Open-Unmix's, whose filter it is.

    It is made when it is wanted: torch starts its threads for it, and those of a second thread that computes are slow
    where the first one has some.
    """
    return Stft(num_fft=4096, window_size=4096, hop_length=1024, scale="sum")


def answering(
    network: Separator, *, channels: int, options: SeparationOptions, batch_size: int
) -> Answer:
    """The function from mixtures `B C T` with so many channels to the stems that the options ask for.

    The network runs in eval mode; each of its modules is put back into the mode it was in.

    Raises `ConfigError` for targets that the network does not have, and, when called, `ModelError` for answers of a wrong
    shape.
    """
    rows = chosen_rows(network.targets, options.targets)
    answer = fold_channels(
        _running(network, options),
        wanted=network.signal.channels,
        channels=channels,
        max_items=batch_size,
    )
    answer = _checked(answer, targets=len(network.targets), channels=channels)
    if options.flips:
        answer = _flipped(answer, options.flips)
    if options.wiener:
        answer = _filtered(answer, options.wiener)
    if options.consistency:
        _require_several(network)
        answer = _consistent(answer)
    return answer if len(rows) == len(network.targets) else _selected(answer, rows)


def chosen_rows(targets: Sequence[str], wanted: Sequence[str]) -> tuple[int, ...]:
    """Places of the wanted among the targets, in the order of these; of all, where none is named."""
    unknown = [name for name in wanted if name not in targets]
    if unknown:
        raise ConfigError(
            f"the network has no target {unknown[0]}{did_you_mean(unknown[0], targets)}: "
            f"it has {', '.join(targets)}"
        )
    return tuple(place for place, name in enumerate(targets) if not wanted or name in wanted)


def _running(network: Separator, options: SeparationOptions) -> Answer:
    """The network in eval mode, for each call only: a stream may be left half-read and would leave it so."""
    precision = getattr(torch, options.precision)

    def run(mixture: Mixture) -> Stems:
        training = [module for module in network.modules() if module.training]
        network.eval()
        try:
            with torch.autocast(
                mixture.device.type, precision, enabled=precision is not torch.float32
            ):
                stems: Stems = network(mixture)
        finally:
            for module in training:
                module.training = True
        return stems.float()

    return run


def _checked(answer: Answer, *, targets: int, channels: int) -> Answer:
    def check(mixture: Mixture) -> Stems:
        stems = answer(mixture)
        wanted = (mixture.shape[0], targets, channels, mixture.shape[-1])
        if tuple(stems.shape) != wanted:
            raise ModelError(
                f"the network was given {tuple(mixture.shape)} (items, channels, samples) and answered"
                f" {tuple(stems.shape)} where {wanted} was expected: correct its forward"
            )
        return stems

    return check


def _flipped(answer: Answer, flips: Sequence[Flip]) -> Answer:
    """The mean over all ways to turn some of these round."""
    ways = [set(some) for count in range(len(flips) + 1) for some in combinations(flips, count)]

    def average(mixture: Mixture) -> Stems:
        answers = (_turned(answer(_turned(mixture, way)), way) for way in ways)
        return reduce(torch.add, answers) / len(ways)

    return average


def _turned(audio: Mixture, way: set[Flip]) -> Mixture:
    if "channels" in way:
        audio = audio.flip(-2)
    return -audio if "polarity" in way else audio


def _filtered(answer: Answer, iterations: int) -> Answer:
    """What is left of the mixture is one more source, which the filter needs and nobody gets."""

    def refine(mixture: Mixture) -> Stems:
        stems = answer(mixture)
        transform = _transform().to(mixture.device)
        spectra = wiener(
            transform(stems).abs(),
            transform(mixture),
            iterations=iterations,
            softmask=False,
            residual=True,
        )
        return transform.inverse(spectra[:, : stems.shape[1]], mixture.shape[-1])

    return refine


def _require_several(network: Separator) -> None:
    if len(network.targets) == 1:
        raise ConfigError(
            f"the network has one target, {network.targets[0]}, which consistency would make the whole mixture: "
            "leave it off, or take a network for all stems of a song"
        )


def _consistent(answer: Answer) -> Answer:
    """Stems that sum to the mixture: each gets the same share of what was missing.

    It is the least change that does it. Source: Wisdom et al., "Differentiable Consistency Constraints for Improved
    Deep Speech Enhancement", ICASSP 2019, with equal weights.
    """

    def complete(mixture: Mixture) -> Stems:
        stems = answer(mixture)
        missing = mixture - stems.sum(1)
        return stems + missing.unsqueeze(1) / stems.shape[1]

    return complete


def _selected(answer: Answer, rows: Sequence[int]) -> Answer:
    def select(mixture: Mixture) -> Stems:
        return answer(mixture)[:, list(rows)]

    return select
