"""Lists of entries into the levels of a U-Net.

Where a skip leaves and joins follows from the layers that change the resolution. If pooling does it, and the decoder
has a convolution after its up layer to take in the skip, the skip is what the encoder knew before pooling:

    encoder level                    decoder level
    ─▶ conv ─▶ norm ─▶ relu ─┬─▶ pool ─▶    ─▶ up ─▶ join ─▶ conv ─▶ norm ─▶ relu ─▶
                             └───── skip ─────────────▲

If a strided convolution does it, or the up layer is the decoder's last convolution, the skip is the encoder level's
output, and joins the input of the decoder level that raises that resolution; the deepest level needs none:

    ─▶ conv/2 ─▶ norm ─▶ relu ─┬─▶           ─▶ join ─▶ up ─▶ norm ─▶ relu ─▶
                               └──── skip ───────▲
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from auralflow.errors import ModelError
from auralflow.models.layers.variational import Variational
from auralflow.models.lists.entries import Entry
from auralflow.models.lists.layers import plain_layer
from auralflow.models.lists.resize import convolution, down_factors, up_layer
from auralflow.models.lists.sequence import sequence_layer

__all__ = [
    "Bottleneck",
    "DecoderLevel",
    "EncoderLevel",
    "Planes",
    "factors_of",
    "has_convolution",
    "joins_wide",
]


@dataclass(frozen=True)
class Planes:
    """How many features there are at one place in the network, and over how many bins."""

    features: int
    bins: int | None
    """None on audio, which has places along time only."""

    @property
    def dims(self) -> int:
        """Directions: bins and frames, or samples alone."""
        return 1 if self.bins is None else 2

    def divided(self, factor: int) -> "Planes":
        """The same features over fewer bins."""
        return replace(self, bins=None if self.bins is None else self.bins // factor)

    def multiplied(self, factor: int) -> "Planes":
        """The same features over more bins."""
        return replace(self, bins=None if self.bins is None else self.bins * factor)


def factors_of(entries: Sequence[Entry], dims: int) -> tuple[int, ...]:
    """By how much one encoder level divides the resolution in each direction.

    Raises `ModelError` for a list in which more than one layer does so.
    """
    place = _divider(entries, dims)
    return (1,) * dims if place is None else down_factors(entries[place], dims)


def _divider(entries: Sequence[Entry], dims: int) -> int | None:
    """The place of the one layer that divides the resolution; one that divides by 1 does not."""
    places = [place for place, entry in enumerate(entries) if max(down_factors(entry, dims)) > 1]
    if len(places) > 1:
        first, second = (entries[place] for place in places[:2])
        raise ModelError(
            f"{second.place} divides the resolution again, after {first.layer}: leave one such layer in the "
            "list, and raise its factor or max-layers for more"
        )
    return places[0] if places else None


def joins_wide(encoder: Sequence[Entry], decoder: Sequence[Entry], dims: int) -> bool:
    """Whether skips are taken before pooling and join after the up layer."""
    divider = _divider(encoder, dims)
    ups = [place for place, entry in enumerate(decoder) if entry.role == "up"]
    if not ups or divider is None or encoder[divider].role != "down":
        return False
    return any(entry.role == "conv" for entry in decoder[ups[0] + 1 :])


class EncoderLevel(nn.Module):
    """Features `B K …` to features of a lower resolution, and the skip."""

    def __init__(
        self, entries: Sequence[Entry], source: Planes, features: int, *, wide: bool
    ) -> None:
        super().__init__()
        pool = _divider(entries, source.dims) if wide else None
        cut = len(entries) if pool is None else pool
        modules, self.skip = _stack(entries[:cut], source, features, following=entries[cut:])
        self.before = nn.Sequential(*modules)
        modules, self.out = _stack(entries[cut:], self.skip, features)
        self.after = nn.Sequential(*modules)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """The level's output and what the decoder gets to see."""
        skip: Tensor = self.before(features)
        return self.after(skip), skip


class DecoderLevel(nn.Module):
    """Features `B K …` to features of a higher resolution; with a skip, it joins them along the features.

    The last level ends with its last convolution, which gives plain values for the mask or the source.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        source: Planes,
        features: int,
        *,
        factors: tuple[int, ...],
        skip: int,
        wide: bool,
        outputs: int | None,
    ) -> None:
        super().__init__()
        if outputs is not None:
            entries = _ending_plain(entries)
        ups = [place for place, entry in enumerate(entries) if entry.role == "up"]
        # Without a layer that raises the resolution there is one resolution, and skips join first.
        cut = ups[0] + 1 if wide and ups else 0
        modules, raised = _stack(
            entries[:cut], source, features, factors=factors, following=entries[cut:]
        )
        self.before = nn.Sequential(*modules)
        joined = replace(raised, features=raised.features + skip)
        modules, self.out = _stack(
            entries[cut:], joined, features, factors=factors, outputs=outputs
        )
        self.after = nn.Sequential(*modules)

    def forward(self, features: Tensor, skip: Tensor | None = None) -> Tensor:
        """The level's output."""
        features = self.before(features)
        if skip is not None:
            features = torch.cat([features, skip], dim=1)
        answer: Tensor = self.after(features)
        return answer


class Bottleneck(nn.Module):
    """What stands at the deepest resolution: features in and out, and a divergence to be added to the loss."""

    def __init__(self, entries: Sequence[Entry], source: Planes) -> None:
        super().__init__()
        modules, self.out = _stack(entries, source, source.features)
        self.layers = nn.ModuleList(modules)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor | None]:
        """Features, and the divergence if a layer of the list has one."""
        divergence: Tensor | None = None
        for layer in self.layers:
            if isinstance(layer, Variational):
                features, part = layer(features)
                divergence = part if divergence is None else divergence + part
            else:
                features = layer(features)
        return features, divergence


def _stack(
    entries: Sequence[Entry],
    source: Planes,
    features: int,
    *,
    factors: tuple[int, ...] = (),
    following: Sequence[Entry] = (),
    outputs: int | None = None,
) -> tuple[list[nn.Module], Planes]:
    """Modules of entries, the first of which gets `source`, and what comes out of the last.

    `outputs` are the features of the last convolution, if not `features`; `following` is what comes after these entries.
    """
    modules: list[nn.Module] = []
    planes = source
    last = _last_convolution(entries)
    for place, entry in enumerate(entries):
        rest = [*entries[place + 1 :], *following]
        wanted = outputs if outputs is not None and place == last else features
        wanted *= 2 if _halves(rest) else 1
        bias = not _normed(rest)
        if entry.role == "conv":
            modules.append(convolution(entry, planes.features, wanted, planes.dims, bias=bias))
            planes = replace(planes, features=wanted)
        elif entry.role == "up":
            module, raised = up_layer(entry, planes.features, wanted, factors, bias=bias)
            modules.append(module)
            planes = replace(planes, features=raised).multiplied(factors[0])
        elif entry.role == "sequence":
            modules.append(sequence_layer(entry, planes.features, planes.bins))
        elif entry.role == "variational":
            modules.append(Variational(planes.features, weight=entry.values["kl_weight"]))
        else:
            if entry.layer == "glu":
                if planes.features % 2:
                    raise ModelError(
                        f"{entry.place} halves {planes.features} features: put it after a convolution"
                    )
                planes = replace(planes, features=planes.features // 2)
            modules.append(plain_layer(entry, planes.features, planes.dims))
        planes = planes.divided(down_factors(entry, planes.dims)[0])
    return modules, planes


def _halves(rest: Sequence[Entry]) -> bool:
    """Whether a gated unit comes before the next convolution, which then must be twice as wide."""
    for entry in rest:
        if entry.layer == "glu":
            return True
        if entry.role in ("conv", "up", "sequence"):
            return False
    return False


def _normed(rest: Sequence[Entry]) -> bool:
    """Whether the next layer is a norm, which has offsets of its own."""
    return bool(rest) and rest[0].role == "norm"


def has_convolution(entries: Sequence[Entry]) -> bool:
    """Whether a list can change the number of features."""
    return any(_is_convolution(entry) for entry in entries)


def _is_convolution(entry: Entry) -> bool:
    return entry.role == "conv" or entry.layer == "transpose_conv"


def _last_convolution(entries: Sequence[Entry]) -> int:
    """The place of the last convolution, plain or transposed; -1 if there is none."""
    places = [place for place, entry in enumerate(entries) if _is_convolution(entry)]
    return places[-1] if places else -1


def _ending_plain(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries without what would shape the values of the last convolution."""
    last = _last_convolution(entries)
    return [*entries[: last + 1], *(entry for entry in entries[last + 1 :] if entry.role == "up")]
