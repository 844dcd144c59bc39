"""`torch.compile` for a network's training."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from auralflow.errors import TrainingError
from auralflow.models.base import Separator

__all__ = ["compile_levels"]

_VARIANTS = 8
"""How often torch compiles one function anew before it gives up, unless it is told otherwise."""


def compile_levels(network: Separator, *, recomputes: bool = False) -> None:
    """Have each level of a network compiled when it is first trained; in eval it runs as it is written.

    Level by level, since what lies between them, such as Fourier transforms, gains nothing; in training only, since
    there all chunks have one length, and each new length would be compiled anew. Names of weights stay the same.
    Where the network `recomputes` activations, parts that are computed again are compiled each by itself, and not the level
    around them: call this before `recompute_activations`.

    Raises `TrainingError` if this machine cannot compile.
    """
    _refuse_without_compiler()
    again = set(network.recomputed()) if recomputes else set()
    parts: list[nn.Module] = []
    for _, level in network.levels():
        inside = [part for part in level.modules() if part in again and part is not level]
        parts += inside or [level]
    _allow_variants(len(parts))
    for part in parts:
        part.forward = _compiled_in_training(part)


def _compiled_in_training(level: nn.Module) -> Callable[..., Any]:
    plain = level.forward
    # Chunks have one length; guessing at others is where torch 2.13's compiler fails on Demucs.
    compiled = torch.compile(plain, dynamic=False)

    def forward(*features: Any) -> Any:
        return compiled(*features) if level.training else plain(*features)

    return forward


def _allow_variants(parts: int) -> None:
    """Let torch compile a function that many parts share as often as if each of them had one of its own.

    Past 8 variants of a function, one for each width and size, torch runs the rest of them uncompiled. A network with more
    levels than that is no sign of a mistake.
    """
    settings = torch._dynamo.config
    # The names of torch 2.6, which later ones take as well.
    for name in ("cache_size_limit", "accumulated_cache_size_limit"):
        setattr(settings, name, max(getattr(settings, name), _VARIANTS * parts))


def _refuse_without_compiler() -> None:
    """Compile something small: whatever is missing shows at once, and not in the first step."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.compile(torch.sinc)(torch.ones(2, device=device))
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise TrainingError(
            f"compile is on, but torch.compile does not work here ({reason}): install a C++ compiler, and Triton for a "
            "GPU, or leave compile off"
        ) from error
