"""A separator around a U-Net from lists."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from torch import Tensor, nn

from auralflow.config import Config
from auralflow.errors import ModelError
from auralflow.models.base import Estimate, Separator
from auralflow.models.graph import MAGNITUDES, STEM_MAGNITUDES, Graph, Transform
from auralflow.models.lists.design import Design
from auralflow.models.lists.domains import SpectrogramDomain, WaveDomain, WaveMaskDomain
from auralflow.models.lists.levels import factors_of
from auralflow.models.lists.unet import ListUNet, deepest
from auralflow.models.options import FilterBankConfig
from auralflow.models.signal import Signal
from auralflow.shapes import Mixture, Stems

__all__ = ["Ends", "ListSeparator"]

AnyDomain = SpectrogramDomain | WaveDomain | WaveMaskDomain


class Ends(Protocol):
    """The keys that say what a U-Net sees and what its answer means."""

    @property
    def task(self) -> str:
        """`mask` or `direct`."""

    @property
    def domain(self) -> str:
        """`spectrogram` or `audio`."""

    @property
    def mask_activation(self) -> str:
        """Function that makes the mask."""

    @property
    def input_norm(self) -> bool:
        """Standardise the input."""

    @property
    def output_norm(self) -> bool:
        """Learn a scale and an offset on the output."""

    @property
    def filter_bank(self) -> FilterBankConfig:
        """What a mask in the audio domain acts on."""


class ListSeparator(Separator):
    """Listens through a domain, computes with a U-Net, answers through the domain."""

    def __init__(
        self,
        config: Config,
        *,
        ends: Ends,
        design: Design,
        signal: Signal,
        targets: tuple[str, ...],
    ) -> None:
        super().__init__(config, signal=signal, targets=targets)
        self.domain = _domain(ends, signal, len(targets))
        _check_depth(design, self.domain, signal)
        self.unet = ListUNet(
            design,
            planes_in=self.domain.planes_in,
            planes_out=self.domain.planes_out,
            bins=self.domain.bins,
        )
        self.step = self.domain.hop * self.unet.divisors[-1]

    def estimate(self, mixture: Mixture) -> Estimate:
        """Magnitudes `B S C F N` or samples `B S C T`, with the bottleneck's divergence where it has one."""
        planes, heard = self.domain.listen(mixture)
        planes, divergence = self.unet(planes)
        estimate = self.domain.answer(planes, heard)
        return estimate if divergence is None else replace(estimate, penalties={"kl": divergence})

    def reference(self, stems: Stems) -> Tensor:
        """True stems in the domain of the estimate."""
        return self.domain.reference(stems)

    def graph(self) -> Graph:
        """On a spectrogram, from magnitudes to those of the stems."""
        domain = self.domain
        if not isinstance(domain, SpectrogramDomain):
            return super().graph()

        def compute(magnitude: Tensor) -> tuple[Tensor]:
            planes, _ = self.unet(domain.planes_of(magnitude))
            return (domain.magnitudes_of(planes, magnitude),)

        signal = self.signal
        transform = Transform(
            signal.num_fft,
            signal.window_size,
            signal.hop_length,
            framing="silence",
            scale="orthonormal",
            bins=signal.bins,
        )
        return Graph(
            (MAGNITUDES,),
            (STEM_MAGNITUDES,),
            compute,
            listen=lambda mixture: (domain.stft(mixture).abs(),),
            frames=domain.places,
            transform=transform,
        )

    def levels(self) -> Iterator[tuple[str, nn.Module]]:
        """The U-Net's levels."""
        return self.unet.levels()

    def recomputed(self) -> Iterator[nn.Module]:
        """The levels."""
        for _, level in self.levels():
            yield level


def _domain(ends: Ends, signal: Signal, targets: int) -> AnyDomain:
    masks = ends.task == "mask"
    if ends.domain == "spectrogram":
        return SpectrogramDomain(
            signal,
            targets,
            activation=ends.mask_activation if masks else None,
            input_norm=ends.input_norm,
            output_norm=ends.output_norm,
        )
    if masks:
        return WaveMaskDomain(
            signal,
            targets,
            activation=ends.mask_activation,
            filters=ends.filter_bank.filters,
            size=ends.filter_bank.size,
            input_norm=ends.input_norm,
            output_norm=ends.output_norm,
        )
    return WaveDomain(signal, targets, input_norm=ends.input_norm, output_norm=ends.output_norm)


def _check_depth(design: Design, domain: AnyDomain, signal: Signal) -> None:
    """Raise `ModelError` if the bins, or the places of a training chunk, cannot be divided so often."""
    factors = factors_of(design.encoder, 1 if domain.bins is None else 2)
    sizes: list[tuple[int, int, str, str]] = []
    if domain.bins is not None:
        sizes.append((domain.bins, factors[0], "frequency bins", "num-fft"))
    # Frames that are divided no more often than the bins need no look: no more silence is added than there are bins.
    if domain.bins is None or factors[1] > factors[0]:
        places = domain.places(signal.chunk_samples)
        sizes.append((places, factors[-1], f"{domain.unit} of a chunk", "chunk-size"))
    limits = [(deepest(size[0], size[1]), *size) for size in sizes if size[1] > 1]
    if not limits:
        return
    limit, size, factor, what, key = min(limits)
    if limit == 0:
        raise ModelError(
            f"each level divides by {factor}, but there is no more than {size} {what}: divide by less, or raise {key}"
        )
    if design.depth > limit:
        word = "halved" if factor == 2 else f"divided by {factor}"
        raise ModelError(
            f"max-layers is {design.depth}, but {size} {what} can be {word} {limit} times at most: set max-layers to "
            f"{limit} or less, or raise {key}"
        )
