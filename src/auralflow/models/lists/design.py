"""A U-Net as it is wanted, before anything of it is built."""

from collections.abc import Sequence
from dataclasses import dataclass

from auralflow.errors import ModelError
from auralflow.models.lists.entries import Entry, read_entries

__all__ = ["Design"]


@dataclass(frozen=True)
class Design:
    """One encoder level, one decoder level and the bottleneck as lists, and how often and how wide they are."""

    encoder: tuple[Entry, ...]
    decoder: tuple[Entry, ...]
    bottleneck: tuple[Entry, ...]
    depth: int
    init_features: int
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
            num_dropouts=num_dropouts,
            skips=skips,
        )

    def decoder_at(self, level: int) -> tuple[Entry, ...]:
        """The decoder's list at a level, counted from the bottleneck."""
        if self.num_dropouts is None or level < self.num_dropouts:
            return self.decoder
        return tuple(entry for entry in self.decoder if entry.role != "dropout")
