"""Stretches of validation tracks that are listened to and looked at while a network learns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio import Backend
from auralflow.config.layers import did_you_mean
from auralflow.datasets.reading import track_blocks
from auralflow.datasets.tracks import Track
from auralflow.errors import ConfigError
from auralflow.separation.tracks import TrackBlock
from auralflow.shapes import Audio

__all__ = ["Excerpt", "Span", "cut", "fullest_span", "logged_tracks"]

_HOP_SECONDS = 0.1


@dataclass(frozen=True)
class Span:
    """From one sample up to another, at the track's rate."""

    start: int
    stop: int


@dataclass(frozen=True)
class Excerpt:
    """A stretch of a track: what was given to the network, what it answered, and what is true."""

    mixture: Audio
    reference: Float[ndarray, "S C T"]
    estimate: Float[ndarray, "S C T"]


def logged_tracks(wanted: int | Sequence[str], valid: Sequence[Track]) -> tuple[Track, ...]:
    """The validation tracks that are named, or the first so many by name: the same in every epoch and run.

    Raises `ConfigError` for names that are none.
    """
    by_name: dict[str, Track] = {}
    for track in sorted(valid, key=lambda track: track.name):
        by_name.setdefault(track.name, track)
    if isinstance(wanted, int):
        return tuple(by_name.values())[:wanted]
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise ConfigError(
            f"log-tracks has {', '.join(unknown)}, but no validation track is called so"
            f"{did_you_mean(unknown[0], list(by_name))}: correct it, or give a number of tracks"
        )
    return tuple(by_name[name] for name in dict.fromkeys(wanted))


def fullest_span(
    track: Track, targets: Sequence[str], *, seconds: float, backend: Backend = "soundfile"
) -> Span:
    """The stretch in which the targets sound most, to a tenth of a second; the beginning of a silent track.

    Each target counts by the share of its own energy, so that a quiet one counts as much as a loud one. The track is read once,
    block by block.
    """
    hop = max(1, round(_HOP_SECONDS * track.sample_rate))
    energies = np.stack(
        [
            np.square(stems, dtype=np.float64).sum(axis=(1, 2))
            for _, stems in track_blocks(track, targets, block_samples=hop, backend=backend)
        ]
    )
    totals = energies.sum(0)
    shares = (energies / np.where(totals > 0, totals, 1.0)).sum(1)
    length = max(1, round(seconds / _HOP_SECONDS))
    area = np.append(0.0, shares.cumsum())
    starts = np.arange(max(1, len(shares) - length + 1))
    sums = area[np.minimum(starts + length, len(shares))] - area[starts]
    # Of stretches that differ by rounding only, the first.
    start = int(np.argmax(sums >= sums.max() - 1e-9)) * hop
    return Span(start, min(track.samples, start + round(seconds * track.sample_rate)))


def cut(
    blocks: Iterator[TrackBlock], span: Span | None, into: list[Excerpt]
) -> Iterator[TrackBlock]:
    """The blocks of a track, as they come; the stretch `span` of them is put into a list at the end."""
    pieces: list[TrackBlock] = []
    done = 0
    for block in blocks:
        length = block.mixture.shape[-1]
        if span is not None and span.start < done + length and done < span.stop:
            part = slice(max(0, span.start - done), span.stop - done)
            pieces.append(
                TrackBlock(
                    block.mixture[..., part].copy(),
                    block.reference[..., part].copy(),
                    block.estimate[..., part].copy(),
                )
            )
        done += length
        yield block
    if pieces:
        into.append(
            Excerpt(
                np.concatenate([piece.mixture for piece in pieces], axis=-1),
                np.concatenate([piece.reference for piece in pieces], axis=-1),
                np.concatenate([piece.estimate for piece in pieces], axis=-1),
            )
        )
