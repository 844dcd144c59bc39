"""In what words a network says what it does while it is written down as a graph, for `auralflow.exporting`.

A graph has no branches, and sizes it does not know yet. So what decides by a size, or unrolls time step by step, has
another way to say the same, which layers take while `is_traced()`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["cut_to", "divided_up", "is_traced", "run_cells", "tracing"]

_TRACED = ContextVar("traced", default=False)

_LIBRARY = torch.library.Library("auralflow", "DEF")
_KEYS = "bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first"
_LIBRARY.define(
    f"lstm(Tensor input, Tensor[] hx, Tensor[] params, {_KEYS}) -> (Tensor, Tensor, Tensor)"
)
_LIBRARY.define(f"gru(Tensor input, Tensor hx, Tensor[] params, {_KEYS}) -> (Tensor, Tensor)")


@contextmanager
def tracing() -> Iterator[None]:
    """Networks called inside say what they do in a graph's words."""
    token = _TRACED.set(True)
    try:
        yield
    finally:
        _TRACED.reset(token)


def is_traced() -> bool:
    """Whether what is called now is being written down; false for `torch.compile`, which cannot look at context variables."""
    return not torch.compiler.is_dynamo_compiling() and _TRACED.get()


def divided_up(size: int, divisor: int) -> int:
    """How many times a divisor is needed to hold a size, which is not negative.

    Graphs divide whole numbers towards zero and Python divides them downwards: the usual -(-size // divisor) is another
    number there.
    """
    return (size + divisor - 1) // divisor


def cut_to(features: Tensor, sizes: Sequence[int]) -> Tensor:
    """The first so many places along each of the last dimensions."""
    if not is_traced():
        places: list[Any] = [..., *(slice(size) for size in sizes)]
        return features[tuple(places)]
    # A slice would ask whether it is one at all, and make a condition of the answer.
    missing: list[int] = []
    for size, there in zip(reversed(sizes), reversed(features.shape), strict=False):
        missing += [0, size - there]
    return F.pad(features, missing)


def run_cells(cells: nn.LSTM | nn.GRU, frames: Tensor) -> Tensor:
    """What recurrent layers make of frames.

    torch's own, traced, would be written down once for every frame: here they are one operator, of the name
    `auralflow::lstm` or `auralflow::gru`, which takes what torch's takes.
    """
    if not is_traced():
        answer: Tensor = cells(frames)[0]
        return answer
    batch = frames.shape[0 if cells.batch_first else 1]
    layers = cells.num_layers * (2 if cells.bidirectional else 1)
    start = frames.new_zeros(layers, batch, cells.hidden_size)
    rest = (
        [weight for layer in cells.all_weights for weight in layer],
        cells.bias,
        cells.num_layers,
        0.0,
        False,
        cells.bidirectional,
        cells.batch_first,
    )
    if isinstance(cells, nn.LSTM):
        traced: Tensor = torch.ops.auralflow.lstm(frames, [start, start], *rest)[0]
    else:
        traced = torch.ops.auralflow.gru(frames, start, *rest)[0]
    return traced


@torch.library.register_fake("auralflow::lstm", lib=_LIBRARY)
def _shapes_of_lstm(
    frames: Tensor, hidden: Sequence[Tensor], *_rest: object
) -> tuple[Tensor, Tensor, Tensor]:
    states, cells = hidden
    return _answer_shape(frames, states, _rest), torch.empty_like(states), torch.empty_like(cells)


@torch.library.register_fake("auralflow::gru", lib=_LIBRARY)
def _shapes_of_gru(frames: Tensor, hidden: Tensor, *_rest: object) -> tuple[Tensor, Tensor]:
    return _answer_shape(frames, hidden, _rest), torch.empty_like(hidden)


def _answer_shape(frames: Tensor, states: Tensor, rest: tuple[object, ...]) -> Tensor:
    bidirectional = rest[5]
    return frames.new_empty(*frames.shape[:-1], states.shape[-1] * (2 if bidirectional else 1))
