"""From a batch as it was loaded to what the network hears and what it is to find."""

from functools import partial

from auralflow.augment import AugmentConfig, augment, augment_mixture, mix
from auralflow.augment.ahead import changes_stems, left_behind, take_ahead
from auralflow.datasets.batches import ChunkBatch, StemBatch
from auralflow.datasets.chunks import ChunkDataset
from auralflow.datasets.loader import ChunkLoader
from auralflow.datasets.sampler import ChunkSampler
from auralflow.shapes import Mixture, Stems

__all__ = ["hear", "load_stems"]


def load_stems(
    chunks: ChunkDataset, config: AugmentConfig, sampler: ChunkSampler, *, workers: int
) -> ChunkLoader[StemBatch]:
    """Chunks for a network on the CPU, with what of the augmentation costs nothing while samples are converted.

    What is left of it is done by `hear`. All that is done here has the same bits for any number of workers.
    """
    is_mixed = not changes_stems(left_behind(config))
    return ChunkLoader(
        partial(chunks.stems, ahead=partial(take_ahead, config=config)),
        sampler,
        workers=workers,
        room=partial(chunks.room, is_mixed=is_mixed),
    )


def hear(
    batch: ChunkBatch | StemBatch, config: AugmentConfig, *, sample_rate: int, samples: int
) -> tuple[Stems, Mixture]:
    """The augmented stems and their mixture, each of `samples` samples.

    A `StemBatch` is one of `load_stems` with the same configuration.
    """
    if isinstance(batch, ChunkBatch):
        if ahead := take_ahead(batch.numbers, config):
            batch = batch.changed(*ahead)
        stems, mixture = batch.stems(), None
    else:
        stems, mixture = batch.stems, batch.mixture
    numbers, left = batch.numbers, left_behind(config)
    stems = augment(stems, numbers, left, sample_rate=sample_rate, samples=samples)
    if mixture is None:
        mixture = mix(stems)
    return stems, augment_mixture(mixture, numbers, config, sample_rate=sample_rate)
