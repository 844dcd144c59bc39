"""The LSTM of torch, with less waiting for memory where it is wide.

Two thousand features have weights that no cache holds, so each step reads them from memory. torch hands its LSTM to oneDNN,
which runs one direction after the other and waits for all threads several times a step. Here both directions step
together, as one batched product, and what needs no step before it is one large product: the input's share of the gates,
and in the gradient everything but the hidden state. Weights, names and answers are those of `torch.nn.LSTM`.

Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 1997, with the gates in torch's order:
input, forget, candidate, output.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from auralflow.models.tracing import is_traced, run_cells

__all__ = ["lay_side_by_side", "run_lstm"]

_WIDE = 1500
"""Features from which on the weights of a step are more than 32 MiB; below, torch's own is faster."""

_KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def lay_side_by_side(lstm: nn.LSTM) -> None:
    """Put the weights of both directions of wide layers next to one another in memory, where a step wants them.

    They stay there when a state is loaded; where a network moves to another device or is copied, they part, and are
    brought together anew in each pass.
    """
    if lstm.hidden_size < _WIDE:
        return
    for layer in range(lstm.num_layers):
        sides = [lstm.get_parameter(f"weight_hh_l{layer}{side}") for side in ("", "_reverse")]
        for side, both in zip(sides, torch.stack([side.detach() for side in sides]), strict=True):
            side.data = both


def run_lstm(lstm: nn.LSTM, frames: Tensor) -> Tensor:
    """What a layer `nn.LSTM(…, bidirectional=True)` without dropout makes of frames `T B K`: `T B 2K`.

    A wide layer of float32 on a processor goes the way of this file. Mixed precision ends here on a processor: torch's
    own fails with it where bfloat16 has no instructions.
    """
    if is_traced() or frames.device.type != "cpu":
        return run_cells(lstm, frames)
    with torch.autocast("cpu", enabled=False):
        frames = frames.to(lstm.get_parameter("weight_ih_l0").dtype)
        if lstm.hidden_size < _WIDE or frames.dtype != torch.float32:
            return run_cells(lstm, frames)
        for layer in range(lstm.num_layers):
            weights = [
                lstm.get_parameter(f"{kind}_l{layer}{direction}")
                for kind in _KINDS
                for direction in ("", "_reverse")
            ]
            frames = _Layer.apply(frames, *weights)  # type: ignore[no-untyped-call]  # torch gives it no types
    return frames


class _Layer(Function):
    """One layer in both directions: forwards is direction 0, backwards is 1, and each has its own time."""

    @staticmethod
    def forward(ctx: Any, frames: Tensor, *weights: Tensor) -> Tensor:
        """`T B 2H` of frames `T B K`."""
        into, across = weights[:2], weights[2:4]
        total, batch = frames.shape[:2]
        hidden = across[0].shape[1]
        flat = frames.reshape(total * batch, -1)
        gates = frames.new_empty(2, total, batch, 4 * hidden)
        for side in (0, 1):
            bias = weights[4 + side] + weights[6 + side]
            torch.addmm(bias, flat, into[side].t(), out=gates[side].view(total * batch, -1))
        # By steps, so that those of one moment of either direction lie side by side.
        gates = _by_steps(gates)
        states, cells = _run(gates, _stacked(*across).mT)
        ctx.save_for_backward(frames, *weights[:4], gates, states, cells)
        ctx.needs = ctx.needs_input_grad[0]
        return torch.cat([states[:, 0], states[:, 1].flip(0)], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of the frames and of the eight weights."""
        frames, *saved = ctx.saved_tensors
        into, across, (gates, states, cells) = saved[:2], saved[2:4], saved[4:]
        total, batch, hidden = frames.shape[0], frames.shape[1], across[0].shape[1]
        answers = gradients[0].reshape(total, batch, 2, hidden).permute(2, 0, 1, 3)
        sloped = _run_back(_by_steps(answers), _stacked(*across), gates, cells)
        ours = frames.reshape(total * batch, -1)
        of_frames, of_into, of_across, of_bias = None, [], [], []
        for side in (0, 1):
            # States before each step; the first is zero and has no share in the product.
            later = sloped[1:, side].reshape(-1, 4 * hidden)
            of_across.append(later.t() @ states[:-1, side].reshape(-1, hidden))
            gate = sloped[:, side] if side == 0 else sloped[:, side].flip(0)
            gate = gate.reshape(total * batch, -1)
            of_into.append(gate.t() @ ours)
            of_bias.append(gate.sum(0))
            if ctx.needs:
                share = gate @ into[side]
                of_frames = share if of_frames is None else of_frames.add_(share)
        if of_frames is not None:
            of_frames = of_frames.reshape(frames.shape)
        return (of_frames, *of_into, *of_across, *of_bias, *of_bias)


def _stacked(one: Tensor, other: Tensor) -> Tensor:
    """Both as one tensor, without a copy where they lie side by side."""
    apart = other.data_ptr() - one.data_ptr()
    if (
        one.is_contiguous()
        and other.is_contiguous()
        and one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()
        and apart == one.numel() * one.element_size()
    ):
        return one.as_strided((2, *one.shape), (one.numel(), *one.stride()))
    return torch.stack([one, other])


def _by_steps(sides: Tensor) -> Tensor:
    """`T 2 B …` of `2 T B …`, with the second direction's time turned round."""
    return torch.stack([sides[0], sides[1].flip(0)], 1)


def _run(gates: Tensor, across: Tensor) -> tuple[Tensor, Tensor]:
    """States and cells `T 2 B H`; `gates` hold the input's share before, and what opens them after."""
    total, sides, batch, four = gates.shape
    hidden = four // 4
    states = gates.new_empty(total, sides, batch, hidden)
    cells = torch.empty_like(states)
    state: Tensor | None = None
    cell: Tensor | None = None
    for gate, next_state, next_cell in zip(gates, states, cells, strict=True):
        if state is not None:
            gate.baddbmm_(state, across)
        through, forget, candidate, out = gate.chunk(4, -1)
        # A tangent is a sigmoid of twice the angle: one function for all gates.
        candidate.mul_(2)
        gate.sigmoid_()
        candidate.mul_(2).sub_(1)
        torch.mul(through, candidate, out=next_cell)
        if cell is not None:
            next_cell.addcmul_(forget, cell)
        torch.mul(next_cell, 2, out=next_state)
        next_state.sigmoid_().sub_(0.5).mul_(out).mul_(2)
        state, cell = next_state, next_cell
    return states, cells


def _run_back(answers: Tensor, across: Tensor, gates: Tensor, cells: Tensor) -> Tensor:
    """Gradients `T 2 B 4H` of what goes into the gates, from those of the states, which are overwritten."""
    through, forget, candidate, out = gates.chunk(4, -1)
    squashed = cells.tanh()
    # What a cell's gradient is multiplied with to give those of its three gates, and a state's to give the fourth.
    before = torch.cat([torch.zeros_like(cells[:1]), cells[:-1]])
    slopes = torch.cat(
        [
            candidate * through * (1 - through),
            before * forget * (1 - forget),
            through * (1 - candidate * candidate),
            squashed * out * (1 - out),
        ],
        -1,
    ).unflatten(-1, (4, -1))
    to_cell = out * (1 - squashed * squashed)
    forget = forget.contiguous()
    sloped = torch.empty_like(slopes)
    later: Tensor | None = None
    cell: Tensor | None = None
    for step in range(len(gates) - 1, -1, -1):
        state = answers[step]
        if later is not None:
            state.baddbmm_(later, across)
        passed = state * to_cell[step]
        if cell is not None:
            passed.addcmul_(cell, forget[step + 1])
        cell = passed
        here, slope = sloped[step], slopes[step]
        torch.mul(cell.unsqueeze(-2), slope[..., :3, :], out=here[..., :3, :])
        torch.mul(state, slope[..., 3, :], out=here[..., 3, :])
        later = here.flatten(-2)
    return sloped.flatten(-2)
