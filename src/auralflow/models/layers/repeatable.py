"""Attention whose gradient has the same bits each time, where training asks for such kernels.

torch's memory-efficient kernel adds a gradient up in whatever order its blocks are done, unless deterministic algorithms are
demanded, rather than wished for (`warn_only`). Here they are demanded for this kernel alone: to demand them everywhere
would be an error with operations that have none.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from auralflow.models.tracing import is_traced

__all__ = ["attend"]


def attend(query: Tensor, key: Tensor, value: Tensor, *, dropout: float = 0.0) -> Tensor:
    """`torch.nn.functional.scaled_dot_product_attention` of queries, keys and values, `B heads N K` each."""
    if _is_wished_for(query):
        answer: Tensor = _Attention.apply(query, key, value, dropout)  # type: ignore[no-untyped-call]  # torch gives it no types
        return answer
    return F.scaled_dot_product_attention(query, key, value, dropout_p=dropout)


def _is_wished_for(query: Tensor) -> bool:
    return (
        not torch.compiler.is_compiling()
        and not is_traced()
        and query.is_cuda
        and torch.is_grad_enabled()
        and query.requires_grad
        and torch.is_deterministic_algorithms_warn_only_enabled()
    )


class _Attention(Function):
    """The same, with its own small graph, which is gone through backwards under the demand."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, dropout: float) -> Tensor:
        """What the queries see."""
        with torch.enable_grad():
            query, key, value = (part.detach().requires_grad_() for part in (query, key, value))
            ctx.given = (query, key, value)
            ctx.seen = F.scaled_dot_product_attention(query, key, value, dropout_p=dropout)
        seen: Tensor = ctx.seen.detach()
        return seen

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of queries, keys and values."""
        warns = torch.is_deterministic_algorithms_warn_only_enabled()
        before = torch.are_deterministic_algorithms_enabled()
        torch.use_deterministic_algorithms(True)
        try:
            slopes = torch.autograd.grad(ctx.seen, ctx.given, gradient)
        finally:
            torch.use_deterministic_algorithms(before, warn_only=warns)
        return (*slopes, None)
