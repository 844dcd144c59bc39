"""What is written of a song: stems, and differences from the song."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio import StemWriter
from auralflow.errors import ConfigError
from auralflow.models.streaming.answer import chosen_rows
from auralflow.separation.order import MIXTURE_MINUS, RESIDUAL, Order
from auralflow.separation.remembering import Remembered

__all__ = ["Part", "Plan", "plan_parts", "with_differences"]


@dataclass(frozen=True)
class Part:
    """One stream of audio that is written: the sum of some stems, or the song without them."""

    name: str
    stems: tuple[str, ...]
    is_difference: bool = False


@dataclass(frozen=True)
class Plan:
    """What the network is asked for and what is made of it."""

    targets: tuple[str, ...]
    """In the network's order."""
    parts: tuple[Part, ...]

    @property
    def needs_mixture(self) -> bool:
        """Whether the song must be kept until its stems come."""
        return any(part.is_difference for part in self.parts)


def plan_parts(targets: Sequence[str], order: Order, wanted: Sequence[str] = ()) -> Plan:
    """What to ask a network of these targets for, and what to write.

    Raises `ConfigError` for a stem that the network does not have, and for two parts of one name.
    """
    chosen = tuple(targets[row] for row in chosen_rows(targets, wanted))
    if order.encoding.format == "stem.mp4":
        return Plan(chosen, _stem_file(chosen, residual=order.residual))
    taken = tuple(targets[row] for row in chosen_rows(targets, order.mixture_minus))
    parts = [Part(name, (name,)) for name in chosen]
    if order.mixture_minus:
        parts.append(Part(f"{MIXTURE_MINUS}{'-'.join(taken)}", taken, is_difference=True))
    if order.residual:
        parts.append(Part(RESIDUAL, chosen, is_difference=True))
    asked = set(chosen) | (set(taken) if order.mixture_minus else set())
    names = [part.name for part in parts]
    for name in names:
        if names.count(name) > 1:
            remedy = "pass --no-residual" if name == RESIDUAL else "leave mixture-minus out"
            raise ConfigError(
                f"the network has a target called {name}, as another file would be: {remedy}"
            )
    return Plan(tuple(name for name in targets if name in asked), tuple(parts))


def _stem_file(targets: Sequence[str], *, residual: bool) -> tuple[Part, ...]:
    """The mixture and the four stems: what has a place of its own, and in other all the rest.

    With the residual in it, other is what is left of the song without drums, bass and vocals.
    """
    own = [name for name in StemWriter.STEMS if name != "other" and name in targets]
    if not own and "other" not in targets:
        raise ConfigError(
            f"a stem.mp4 file has {', '.join(StemWriter.STEMS)}, and the network has only {', '.join(targets)}: choose"
            " another format"
        )
    if not residual or {*StemWriter.STEMS} <= {*targets}:
        rest = Part("other", tuple(name for name in targets if name not in own))
    else:
        rest = Part("other", tuple(own), is_difference=True)
    stems = [
        rest if name == "other" else Part(name, (name,) if name in own else ())
        for name in StemWriter.STEMS
    ]
    return Part("mixture", (), is_difference=True), *stems


def with_differences(
    blocks: Iterable[Float[ndarray, "S C T"]], mixture: Remembered | None, plan: Plan
) -> Iterator[Float[ndarray, "P C T"]]:
    """The parts, from stems in the order of the plan's targets; the blocks must be those of that mixture."""
    rows = {name: row for row, name in enumerate(plan.targets)}

    def parts(stems: Float[ndarray, "S C T"]) -> Float[ndarray, "P C T"]:
        song = mixture.take(stems.shape[-1]) if mixture is not None else np.zeros(stems.shape[1:])
        return np.stack([_part(part, stems, song, rows) for part in plan.parts])

    # A loop would hold on to a block while the next one is computed.
    return map(parts, blocks)


def _part(
    part: Part, stems: Float[ndarray, "S C T"], song: Float[ndarray, "C T"], rows: dict[str, int]
) -> Float[ndarray, "C T"]:
    total = stems[[rows[name] for name in part.stems]].sum(axis=0)
    samples = song - total if part.is_difference else total
    return np.asarray(samples, dtype=np.float32)
