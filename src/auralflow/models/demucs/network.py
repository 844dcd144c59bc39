"""Demucs on the waveform, from its 2019 shape to the time branch of its third version.

Sources: Défossez et al., "Music Source Separation in the Waveform Domain", 2019 (arXiv:1911.13254), for the network; Défossez,
"Hybrid Spectrogram and Waveform Source Separation", MDX workshop 2021, for norms and residual branches. Weights, their
names and the answers are those of `demucs.demucs.Demucs` of the package demucs 4.1.0, by the authors (MIT licence): a state
dict of the one loads into the other, and so do older ones without norms. Written anew. The defaults are the 2019 shape; the
package's own defaults are

    activation: gelu          norm-starts: 4
    resample: true            residual.where: encoder
    bottleneck.layers: 0

Differs from it: one sample has deviation zero, where the package answers with what is no number; a group norm takes a value
standing alone; kernels of encoder and decoder may differ, then what is longer is trimmed; pooling, decimation, upsampling,
dropout, a leak, more or fewer gated convolutions, a bottleneck of convolutions, a variational one, no skips, a scale and an
offset for the output, and masks on a learned filter bank can be chosen. The package's `glu=False`, residual branches with
other kernels or without norms, and its fade between chunks are left out.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.dsp.halfband import Halfband
from auralflow.errors import ModelError
from auralflow.models.base import Estimate, Separator
from auralflow.models.demucs.config import DemucsConfig
from auralflow.models.demucs.domain import MonoNormDomain
from auralflow.models.demucs.lengths import Lengths, trim_to
from auralflow.models.demucs.levels import decoder_level, encoder_level
from auralflow.models.layers.in_place import with_skip
from auralflow.models.layers.recurrent import BLSTM
from auralflow.models.layers.rescale import rescale_convolutions
from auralflow.models.layers.rows import RowConv1d
from auralflow.models.layers.variational import Variational
from auralflow.models.lists.domains import WaveMaskDomain
from auralflow.models.signal import Signal
from auralflow.models.tracing import divided_up
from auralflow.shapes import Mixture, Stems

__all__ = ["Demucs"]


class Demucs(Separator):
    """Encoder levels of strided convolutions, an LSTM, decoder levels of transposed ones, and sums for skips."""

    def __init__(self, config: DemucsConfig, *, signal: Signal, targets: tuple[str, ...]) -> None:
        super().__init__(config, signal=signal, targets=targets)
        self.keys = config
        self.domain = _domain(config, signal, len(targets))
        _check_sizes(config, -(-signal.chunk_samples // self.domain.hop))
        depth = config.max_layers
        widths = [config.init_features]
        while len(widths) < depth:
            widths.append(int(config.growth * widths[-1]))
        self.encoder = nn.ModuleList()
        self.decoder = nn.ModuleList()
        for index, width in enumerate(widths):
            below = widths[index - 1] if index else self.domain.planes_in
            self.encoder.append(encoder_level(config, index, below, width))
            dropout = depth - index <= config.num_dropouts
            above = widths[index - 1] if index else self.domain.planes_out
            self.decoder.insert(0, decoder_level(config, index, width, above, dropout=dropout))
        self.lstm, self.convolutions, self.variational = _bottleneck(config, widths[-1])
        if config.rescale:
            for part in (self.encoder, self.decoder, self.convolutions):
                if part is not None:
                    rescale_convolutions(part, config.rescale)
        self.halfband = Halfband() if config.resample else None
        shortest = min(config.encoder.kernel_size[0], config.decoder.kernel_size[1])
        self.lengths = Lengths(depth, config.stride, shortest)
        fine = config.stride**depth
        # Twice the rate halves the step, unless half a step would fall between two samples.
        whole = fine if not config.resample or fine % 2 else fine // 2
        self.step = self.domain.hop * whole
        register: Any = self.register_load_state_dict_pre_hook  # torch has no types for it
        register(_name_as_since_norms)

    def estimate(self, mixture: Mixture) -> Estimate:
        """Samples `B S C T`, with the bottleneck's divergence where it has one."""
        planes, heard = self.domain.listen(mixture)
        places = planes.shape[-1]
        surplus = self._padded(places) - places
        planes = F.pad(planes, (surplus // 2, surplus - surplus // 2))
        if self.halfband is None:
            answer, penalties = self._separate(planes)
        else:
            answer, penalties = self._separate(self.halfband.up(planes))
            answer = self.halfband.down(answer.float())
        estimate = self.domain.answer(trim_to(answer, places), heard)
        return replace(estimate, penalties=penalties)

    def reference(self, stems: Stems) -> Tensor:
        """The stems themselves."""
        return self.domain.reference(stems)

    def levels(self) -> Iterator[tuple[str, nn.Module]]:
        """Encoder, bottleneck, decoder; the first decoder level is the coarsest."""
        for number, level in enumerate(self.encoder, 1):
            yield f"encoder {number}", level
        for name, part in (
            ("bottleneck", self.lstm),
            ("bottleneck", self.convolutions),
            ("variational", self.variational),
        ):
            if part is not None:
                yield name, part
        for number, level in enumerate(self.decoder, 1):
            yield f"decoder {number}", level

    def recomputed(self) -> Iterator[nn.Module]:
        """The levels."""
        for _, level in self.levels():
            yield level

    def _separate(self, features: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """From planes to planes of the same length, or longer."""
        skips = []
        for level in self.encoder:
            features = level(features)
            skips.append(features)
        penalties = {}
        if self.lstm is not None:
            features = self.lstm(features)
        if self.convolutions is not None:
            features = self.convolutions(features)
        if self.variational is not None:
            features, penalties["kl"] = self.variational(features)
        for level in self.decoder:
            skip = skips.pop()
            places = min(skip.shape[-1], features.shape[-1])
            features = trim_to(features, places)
            if self.keys.skip_connections:
                features = with_skip(features, trim_to(skip, places))
            del skip
            features = level(features)
        return features, penalties

    def _padded(self, places: int) -> int:
        """A length of the input for which no place is lost on the way."""
        if self.halfband is None:
            return self.lengths.padded(places)
        return divided_up(self.lengths.padded(2 * places), 2)


def _domain(config: DemucsConfig, signal: Signal, targets: int) -> MonoNormDomain | WaveMaskDomain:
    if config.task == "direct":
        return MonoNormDomain(
            signal, targets, input_norm=config.input_norm, output_norm=config.output_norm
        )
    return WaveMaskDomain(
        signal,
        targets,
        activation=config.mask_activation,
        filters=config.filter_bank.filters,
        size=config.filter_bank.size,
        input_norm=config.input_norm,
        output_norm=config.output_norm,
    )


def _check_sizes(config: DemucsConfig, places: int) -> None:
    """Raise `ModelError` if a chunk cannot be divided so often, or a kernel leaves places out."""
    size = places * (2 if config.resample else 1)
    limit = 0
    while config.stride ** (limit + 1) <= size:
        limit += 1
    if config.max_layers > limit:
        raise ModelError(
            f"max-layers is {config.max_layers}, but {size} places of a chunk can be divided by stride, {config.stride}, "
            f"{limit} times at most: set max-layers to {limit} or less, or raise chunk-size"
        )
    for key, kernel in (
        ("encoder.kernel-size", config.encoder.kernel_size[0]),
        ("decoder.kernel-size", config.decoder.kernel_size[1]),
    ):
        if kernel < config.stride:
            raise ModelError(
                f"{key} holds {kernel} for a stride of {config.stride}, which leaves gaps between kernels: "
                f"make it {config.stride} or more, or stride smaller"
            )


def _bottleneck(
    config: DemucsConfig, width: int
) -> tuple[BLSTM | None, nn.Sequential | None, Variational | None]:
    keys = config.bottleneck
    recurrent = convolutions = None
    if keys.layers and keys.type == "lstm":
        recurrent = BLSTM(width, layers=keys.layers)
    elif keys.layers:
        pairs = [(RowConv1d(width, width, 3, padding=1), nn.ReLU()) for _ in range(keys.layers)]
        convolutions = nn.Sequential(*(part for pair in pairs for part in pair))
    variational = Variational(width, weight=keys.kl_weight) if keys.variational else None
    return recurrent, convolutions, variational


def _name_as_since_norms(
    network: nn.Module, state: dict[str, Any], prefix: str, *_rest: Any
) -> None:
    """Give weights the names they have since norms stand, or could stand, behind each convolution."""
    for side in ("encoder", "decoder"):
        for index, _ in network.get_submodule(side).named_children():
            for kind in ("weight", "bias"):
                old = f"{prefix}{side}.{index}.2.{kind}"
                new = f"{prefix}{side}.{index}.3.{kind}"
                if old in state and new not in state:
                    state[new] = state.pop(old)
