"""What a network does with a mixture: multiply-adds and shapes of its levels, and what is gathered over.

Operations are counted where torch carries them out, not by the modules they belong to: a network may use the weights
of a module without calling it. For each item of the batch these are

    convolution               places of the output · weights / groups
    transposed convolution    places of the input · weights / groups
    product of matrices       rows · columns · terms of each sum; a linear layer is one
    LSTM                      steps · 4 · h · (in + h) for each layer and direction
    GRU                       steps · 3 · h · (in + h)
    attention                 queries · keys · features for scores, and again for what they weigh; linear layers as above

Everything else counts as nothing: offsets, norms, activations, pooling, Fourier transforms, products of elements.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from auralflow.models.base import Separator

__all__ = ["Passage", "Visit", "at_levels", "noise", "observe"]

_aten = torch.ops.aten
_DispatchMode: Any = TorchDispatchMode  # torch has no types for it


@dataclass(frozen=True)
class Visit:
    """What a level did."""

    shape: tuple[int, ...]
    """Of the first tensor it gave, without the batch."""
    multiply_adds: int


@dataclass(frozen=True)
class Passage:
    """What happened on the way of a mixture through a network."""

    visits: Mapping[str, Visit]
    """By level; of one that is called several times, the shape is the first call's."""
    multiply_adds: int
    gathered: Mapping[str, int]
    """Over how many values operations gather that may span all of time, in the order in which they come first."""


def observe(network: Separator, samples: int) -> Passage:
    """Send noise of a length through a network in eval mode, and look on."""
    watch = _Watch()
    shapes: dict[str, tuple[int, ...]] = {}
    counts: dict[str, int] = {}

    def enter(name: str) -> None:
        watch.place = name
        counts[name] = counts.get(name, 0) - watch.multiply_adds

    def leave(name: str, output: Any) -> None:
        watch.place = ""
        counts[name] += watch.multiply_adds
        shapes.setdefault(name, _shape_of_item(_first_tensor(output)))

    with at_levels(network, enter, leave), _attention_in_parts(), torch.inference_mode(), watch:
        network(noise(network, samples))
    visits = {name: Visit(shape, counts[name]) for name, shape in shapes.items()}
    return Passage(visits, watch.multiply_adds, watch.gathered)


def noise(network: Separator, samples: int) -> Tensor:
    """The same noise every time, `1 C T`: silence could take another way."""
    generator = torch.Generator().manual_seed(0)
    return 0.1 * torch.randn(1, network.signal.channels, samples, generator=generator)


@contextmanager
def at_levels(
    network: Separator, enter: Callable[[str], None], leave: Callable[[str, Any], None]
) -> Iterator[None]:
    """Call `enter` with a level's name and `leave` with its name and output whenever one is called."""
    handles = []
    for name, level in network.levels():
        handles += [
            level.register_forward_pre_hook(lambda _level, _args, name=name: enter(name)),
            level.register_forward_hook(
                lambda _level, _args, output, name=name: leave(name, output)
            ),
        ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _attention_in_parts() -> Iterator[None]:
    """In eval torch computes attention with its linear layers as one operation, unless told not to."""
    enabled = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(enabled)


def _first_tensor(output: Any) -> Tensor:
    while not isinstance(output, Tensor):
        output = next(iter(output.values() if isinstance(output, Mapping) else output))
    return output


def _shape_of_item(output: Tensor) -> tuple[int, ...]:
    """The shape without the batch of one, which need not be the first dimension, and may be a part of another."""
    shape = tuple(output.shape)
    batch = shape.index(1) if 1 in shape else len(shape)
    return shape[:batch] + shape[batch + 1 :]


class _Watch(_DispatchMode):
    """Counts multiply-adds, and notes operations that gather over what may be time."""

    def __init__(self) -> None:
        super().__init__()
        self.place = ""
        self.multiply_adds = 0
        self.gathered: dict[str, int] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        operation = func.overloadpacket
        if operation in _GATHERS:
            kind, size = _GATHERS[operation]
            name = f"{kind} in {self.place}" if self.place else kind
            self.gathered[name] = max(self.gathered.get(name, 0), size(*args))
        elif operation not in _COUNTS:
            # Under inference mode operations come whole, such as a linear layer; most can be taken apart.
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
        result = func(*args, **kwargs)
        if operation in _COUNTS:
            self.multiply_adds += _COUNTS[operation](result, *args)
        return result


def _convolution(result: Tensor, features: Tensor, weight: Tensor, *rest: Any) -> int:
    transposed = rest[4]
    places = features if transposed else result
    return len(features) * prod(places.shape[2:]) * weight.numel()


def _recurrent(_: Any, features: Tensor, *rest: Any) -> int:
    """Each matrix meets each step once; of the lists among the arguments the last holds the weights."""
    weights = next(part for part in reversed(rest) if isinstance(part, list | tuple))
    matrices: int = sum(weight.numel() for weight in weights if weight.dim() == 2)
    steps = features[..., 0].numel()
    return steps * matrices


def _attention(_: Any, query: Tensor, key: Tensor, value: Tensor, *__: Any) -> int:
    return query[..., 0].numel() * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def _product(result: Tensor, first: Tensor, *_: Any) -> int:
    return result.numel() * first.shape[-1]


def _added_product(result: Tensor, _: Tensor, first: Tensor, *__: Any) -> int:
    return result.numel() * first.shape[-1]


_COUNTS: Mapping[Any, Callable[..., int]] = {
    _aten.convolution: _convolution,
    _aten.lstm: _recurrent,
    _aten.gru: _recurrent,
    _aten.rnn_tanh: _recurrent,
    _aten.rnn_relu: _recurrent,
    _aten.scaled_dot_product_attention: _attention,
    _aten.mm: _product,
    _aten.bmm: _product,
    _aten.mv: _product,
    _aten.addmm: _added_product,
    _aten.baddbmm: _added_product,
    _aten.addmv: _added_product,
}
"""Multiply-adds of an operation from its result and its arguments."""


def _steps(features: Tensor, *rest: Any) -> int:
    batch_first = features.dim() == 3 and rest[-1] is True
    return features.shape[1 if batch_first else 0]


def _instance(features: Tensor, *rest: Any) -> int:
    own_statistics = rest[4]
    return prod(features.shape[2:]) if own_statistics else 1


_GATHERS: Mapping[Any, tuple[str, Callable[..., int]]] = {
    _aten.lstm: ("LSTM", _steps),
    _aten.gru: ("GRU", _steps),
    _aten.rnn_tanh: ("RNN", _steps),
    _aten.rnn_relu: ("RNN", _steps),
    _aten.scaled_dot_product_attention: ("attention", lambda _query, key, *_: key.shape[-2]),
    _aten.softmax: ("attention", lambda scores, dim, *_: scores.shape[dim]),
    _aten.group_norm: ("group norm", lambda x, groups, *_: prod(x.shape[1:]) // groups),
    _aten.instance_norm: ("instance norm", _instance),
}
"""What an operation is called, and over how many values it gathers."""
