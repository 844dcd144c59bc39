"""A U-Net as it is wanted, before anything of it is built."""

from collections.abc import Sequence
from dataclasses import dataclass

from auralflow.errors import ModelError
from auralflow.models.lists.entries import Entry, read_entries
from auralflow.models.options import Growth

__all__ = ["Design"]


@dataclass(frozen=True)
class Design:
    """One encoder level, one decoder level and the bottleneck as lists, and how often and how wide they are."""

    encoder: tuple[Entry, ...]
    decoder: tuple[Entry, ...]
    bottleneck: tuple[Entry, ...]
    depth: int
    init_features: int
    growth: Growth
    """Each level has twice the features of the one before, or `init_features` more."""
    num_dropouts: int | None
    """Decoder levels that keep the dropout of their list, counted from the bottleneck; None is all."""
    skips: bool

    @classmethod
    def of(
        cls,
        *,
        encoder: Sequence[Sequence[object]],
        decoder: Sequence[Sequence[object]],
        bottleneck: Sequence[Sequence[object]],
        depth: int,
        init_features: int,
        growth: Growth,
        num_dropouts: int | None,
        skips: bool,
    ) -> "Design":
        """A design from lists. Raises `ModelError` for entries that are none."""
        lists = {"encoder": encoder, "decoder": decoder, "bottleneck": bottleneck}
        try:
            entries = {name: read_entries(name, layers) for name, layers in lists.items()}
        except ValueError as error:
            raise ModelError(f"{error}: change it") from error
        return cls(
            **entries,
            depth=depth,
            init_features=init_features,
            growth=growth,
            num_dropouts=num_dropouts,
            skips=skips,
        )

    @property
    def widths(self) -> list[int]:
        """The features of each encoder level."""
        if self.growth == "add":
            return [self.init_features * level for level in range(1, self.depth + 1)]
        return [self.init_features * 2**level for level in range(self.depth)]

    def decoder_at(self, level: int) -> tuple[Entry, ...]:
        """The decoder's list at a level, counted from the bottleneck."""
        if self.num_dropouts is None or level < self.num_dropouts:
            return self.decoder
        return tuple(entry for entry in self.decoder if entry.role != "dropout")
