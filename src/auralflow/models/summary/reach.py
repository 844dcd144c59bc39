"""How much of the input a sample of the output can depend on.

Found by asking the network itself: the gradient of one output sample is set to NaN, which neither weights nor other
paths can cancel, and is carried back to the mixture. Every sample that it reaches can have an influence, and no other:

    mixture  · · · · ├──────── receptive field ────────┤ · · · ·
                      ╲           network             ╱
    stems    · · · · · · · · · · · sample · · · · · · · · · · ·

Functions that are flat somewhere, such as ReLU, let the gradient pass everywhere, and a maximum passes it to all that
could have been the largest. Weights count whatever their values are, and paths in parallel count as one.

Not counted is what an example is scaled or standardised by: mean and deviation along time before the first level, and
maxima. They tie every sample to every other, but only by one number for all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from auralflow.models.base import Separator
from auralflow.models.summary.counting import Passage, at_levels, noise, observe

__all__ = ["ReceptiveField", "receptive_field"]

_STEPS = 10
"""Length of the first trial in steps of the network: kernels of 5 that halve the resolution reach 3.6 to either side."""
_LONGER = 4
_TRIALS = 6
"""Each twice as long as the one before."""


@dataclass(frozen=True)
class ReceptiveField:
    """The stretch of input between the first and the last sample that an output sample depends on.

    The output sample is one far from both ends, at a multiple of the network's step; for those between two multiples
    the length differs by less than a step.
    """

    before: int | None
    """Samples before the one in question; None where that is all there are."""
    after: int | None
    """Samples after it."""
    reason: str = ""
    """What the whole input comes from, such as `LSTM in bottleneck`; empty if it is not known."""

    @property
    def samples(self) -> int | None:
        """Its length, or None for the whole input."""
        return None if self.before is None or self.after is None else self.before + 1 + self.after


def receptive_field(network: Separator, samples: int, passage: Passage) -> ReceptiveField:
    """The receptive field of a network in eval mode on the CPU, whose weights want no gradients.

    `passage` is what was seen while a mixture of so many samples went through.

    It is the whole input if recurrent layers, attention or norms gather over a number of values that depends on the
    mixture's length. Where they do so in windows, mixtures that are longer than two windows tell it.
    """
    reason = _gathers_over_all(network, samples, passage.gathered)
    if reason:
        return ReceptiveField(None, None, reason)
    # Twice a number of steps, so that the sample in the middle lies alike in all trials.
    length = 2 * network.step * max(_STEPS // 2, -(-samples // (2 * network.step)))
    for _ in range(_TRIALS):
        first, last = _reached(network, length)
        # A dilated convolution could leap over the end; a step is the coarsest place of a network.
        margin = max(network.step, length // 20)
        if first >= margin and last < length - margin:
            return ReceptiveField(length // 2 - first, last - length // 2)
        length *= 2
    return ReceptiveField(None, None)


def _gathers_over_all(network: Separator, samples: int, gathered: Mapping[str, int]) -> str:
    """The first of the operations that gather over more values of a longer mixture, or nothing."""
    change = max(network.step, samples // 2)
    shorter = samples - change if change < samples else samples + change
    # The long one is for networks that fill short mixtures up to a length of their own.
    for length in (shorter, _LONGER * samples) if gathered else ():
        others = observe(network, length).gathered
        for name, size in gathered.items():
            if others.get(name, size) != size:
                return name
    return ""


def _reached(network: Separator, samples: int) -> tuple[int, int]:
    """The first and the last input sample that the output sample in the middle depends on."""
    mixture = noise(network, samples).requires_grad_()
    structure = _Structure()
    with (
        at_levels(network, lambda _name: structure.begin(), lambda _name, _output: None),
        torch.enable_grad(),
        structure,
    ):
        stems = network(mixture)
    seed = torch.zeros_like(stems)
    seed[..., samples // 2] = torch.nan
    (gradient,) = torch.autograd.grad(stems, mixture, seed)
    places = gradient.isnan().any(1)[0].nonzero().flatten().tolist() or [samples // 2]
    return places[0], places[-1]


class _Structure(TorchFunctionMode):
    """Gives functions the gradients of what their result can depend on, whatever the values; results stay the same."""

    def __init__(self) -> None:
        super().__init__()
        self.at_input = True

    def begin(self) -> None:
        """The first level has been reached."""
        self.at_input = False

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name in _SCALES or (self.at_input and name in _STATISTICS and _along_time(args, kwargs)):
            return _constant(func(*args, **kwargs))
        stand_in = _STAND_INS.get(name.strip("_"))
        if stand_in is None or not args:
            return func(*args, **kwargs)
        features, *rest = args
        in_place = name.endswith("_") or kwargs.get("inplace", False)
        linear = stand_in(features.clone() if in_place else features, *rest, **kwargs)
        result = func(features.detach().clone(), *rest, **kwargs)
        passing = result + (linear - linear.detach())
        return features.copy_(passing) if in_place else passing


def _along_time(args: Any, kwargs: Mapping[str, Any]) -> bool:
    """Whether a reduction goes over the last dimension, which is time until the first level."""
    dims = kwargs.get("dim", args[1] if len(args) > 1 else None)
    if dims is None or isinstance(dims, bool):
        return True
    wanted = (dims,) if isinstance(dims, int) else dims
    return any(dim in (-1, args[0].dim() - 1) for dim in wanted)


def _constant(result: Any) -> Any:
    return result.detach() if isinstance(result, Tensor) else tuple(map(_constant, result))


def _itself(features: Tensor, *_: Any, **__: Any) -> Tensor:
    return features


def _average(features: Tensor, *sizes: Any, **named: Any) -> Tensor:
    """The mean in place of the maximum."""
    given = {**dict(zip(_POOLING, sizes, strict=False)), **named}
    pool: Any = F.avg_pool1d if features.dim() == 3 else F.avg_pool2d
    averages: Tensor = pool(
        features,
        given["kernel_size"],
        given.get("stride"),
        given.get("padding", 0),
        given.get("ceil_mode", False),
    )
    return averages


_POOLING = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
_SCALES = frozenset({"amax"})
_STATISTICS = frozenset({"mean", "std", "std_mean", "var", "var_mean"})
_STAND_INS: Mapping[str, Callable[..., Tensor]] = {
    **dict.fromkeys(
        ("clamp", "clamp_max", "clamp_min", "hardtanh", "relu", "relu6", "threshold"), _itself
    ),
    **dict.fromkeys(("max_pool1d", "max_pool2d"), _average),
}
"""Functions whose slope can be zero, and by what linear function their gradients are computed."""
