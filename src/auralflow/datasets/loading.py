"""Training tracks and the settings of their use as a dataset of chunks."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np

from auralflow.config.layers import did_you_mean
from auralflow.datasets.chunks import ChunkDataset
from auralflow.datasets.config import DataConfig
from auralflow.datasets.draw import Draw, Pool, Sounding
from auralflow.datasets.spans import SpanReader
from auralflow.datasets.store import Store
from auralflow.datasets.store.loudness import BLOCKS_A_SECOND, block_energies
from auralflow.datasets.tracks import RESIDUAL, Track
from auralflow.datasets.urns import SoundingPlaces
from auralflow.errors import ConfigError, DataError

__all__ = ["load_chunks", "make_store"]

logger = logging.getLogger(__name__)

_UNIT = 1 << 40


def make_store(config: DataConfig) -> Store:
    """The store that settings ask for."""
    return Store(
        sample_rate=config.sample_rate,
        backend=config.backend,
        limit_bytes=round(config.store_limit * 1e9) if config.store_limit else None,
        keeps=config.store == "on",
        levels=config.sounding > 0,
    )


def load_chunks(
    tracks: Sequence[Track],
    store: Store,
    config: DataConfig,
    *,
    stem_names: Sequence[str],
    targets: Sequence[str] = (),
    weights: Sequence[float] = (1.0,),
    seed: int = 0,
    numbers: Mapping[str, int] | None = None,
    samples: int | None = None,
) -> ChunkDataset:
    """Chunks of tracks, whose recordings the store has been told to prepare.

    Args:
        tracks: those to train on.
        store: where their samples are.
        config: how chunks are drawn.
        stem_names: every stem of the dataset. Where a track has one stem and a mixture, `residual` is added.
        targets: what is to be estimated, which `sounding` is about: stems or sums of them.
        weights: for each dataset that tracks come from, its share of the chunks.
        seed: see `Draw`.
        numbers: how many numbers to draw for each stem, by name.
        samples: length of a chunk, if not the settings'.

    Raises:
        DataError: there is no track; or no track has anything to mix; or two channels are wanted of a recording
            that has more.
        ConfigError: `sounding-weights` names what is no target.
    """
    _require_mixtures(tracks, config)
    residual = (RESIDUAL,) if any(track.has_residual for track in tracks) else ()
    names = (*stem_names, *residual)
    length = config.chunk_samples if samples is None else samples
    pool = Pool(
        lengths=[track.samples_at(config.sample_rate) for track in tracks],
        chances=_chances(tracks, config, weights),
        aligned=[number for number, track in enumerate(tracks) if not track.plays_alone],
        having=[_having(tracks, name) for name in names],
        sounding=_sounding(tracks, store, config, names=names, targets=targets, samples=length)
        if config.sounding
        else (),
    )
    draw = Draw(
        pool,
        seed=seed,
        chunk_samples=length,
        random_mix=config.random_mix,
        sounding_share=config.sounding,
        numbers=numbers,
    )
    return ChunkDataset(
        tracks,
        SpanReader(store.open, samples=length),
        draw,
        stem_names=names,
        channels=config.channels,
    )


def _chances(tracks: Sequence[Track], config: DataConfig, weights: Sequence[float]) -> list[int]:
    """How often each track is drawn: by its length or evenly, and by the weight of its dataset among several."""
    by_length = config.draw_by == "length"
    chances = [track.samples_at(config.sample_rate) if by_length else 1 for track in tracks]
    if len(weights) < 2:
        return chances
    totals = [
        sum(chance for track, chance in zip(tracks, chances, strict=True) if track.source == source)
        for source in range(len(weights))
    ]
    whole = sum(weight for weight, total in zip(weights, totals, strict=True) if total)
    return [
        max(1, round(_UNIT * weights[track.source] / whole * chance / totals[track.source]))
        for track, chance in zip(tracks, chances, strict=True)
    ]


def _sounding(
    tracks: Sequence[Track],
    store: Store,
    config: DataConfig,
    *,
    names: Sequence[str],
    targets: Sequence[str],
    samples: int,
) -> list[Sounding]:
    unknown = sorted(set(config.sounding_weights) - set(targets))
    if unknown:
        raise ConfigError(
            f"sounding-weights names {unknown[0]}, which is no target{did_you_mean(unknown[0], targets)}: "
            f"the targets are {', '.join(targets)}"
        )
    found = []
    for target in targets:
        places = SoundingPlaces(
            block=max(1, config.sample_rate // BLOCKS_A_SECOND),
            chunk_samples=samples,
            threshold_db=config.sounding_db,
        )
        stems: set[str] = set()
        for number, track in enumerate(tracks):
            stems |= set(track.sums.get(target, (target,)))
            parts = track.recordings_of(target)
            if parts:
                levels = [block_energies(store.levels_of(part)) for part in parts]
                energies = np.zeros(max(map(len, levels)))
                for level in levels:
                    energies[: len(level)] += level
                places.add(number, energies, track.samples_at(config.sample_rate))
        weight = config.sounding_weights.get(target, 1.0)
        if weight > 0:
            numbers = tuple(names.index(stem) for stem in sorted(stems) if stem in names)
            found.append(Sounding(numbers, places, max(1, round(1000 * weight))))
    return found


def _having(tracks: Sequence[Track], name: str) -> Sequence[int]:
    """Numbers of the tracks with a stem; of all, where it will be silence, if none has it."""
    having = [
        number
        for number, track in enumerate(tracks)
        if name in track.stems or (name == RESIDUAL and track.has_residual)
    ]
    if not having:
        logger.warning("no training track has the stem %s: it is silence throughout", name)
    return having or range(len(tracks))


def _require_mixtures(tracks: Sequence[Track], config: DataConfig) -> None:
    if not tracks:
        raise DataError(
            "no track is left to train on, 0 of them: hold fewer out for validation and testing"
        )
    aligned = [track for track in tracks if not track.plays_alone]
    if (
        aligned
        and config.random_mix == 0
        and not any(track.has_residual or len(track.stems) > 1 for track in aligned)
    ):
        raise DataError(
            f"each of the {len(tracks)} training tracks has one stem and no mixture, so that there is nothing to "
            "separate it from: add further stems or a mixture, or mix different tracks with --random-mix 1"
        )
    if config.channels == 2:
        for recording in (recording for track in tracks for recording in track.recordings):
            if recording.info.channels > 2:
                raise DataError(
                    f"{recording.path} has {recording.info.channels} channels and two are wanted: "
                    "average them with --mono, or convert the file to stereo"
                )
