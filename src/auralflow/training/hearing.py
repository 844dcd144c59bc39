"""From a batch as it was loaded to what the network hears and what it is to find."""

from collections.abc import Sequence

from auralflow.augment import AugmentConfig, augment, augment_mixture, mix
from auralflow.augment.ahead import changes_stems, left_behind, take_ahead
from auralflow.datasets.batches import ChunkBatch, StemBatch
from auralflow.datasets.chunks import ChunkDataset
from auralflow.shapes import Mixture, Stems

__all__ = ["hear", "stems_of"]


def stems_of(
    chunks: ChunkDataset, config: AugmentConfig, keys: Sequence[tuple[int, int]]
) -> StemBatch:
    """Chunks for a network on the CPU, with what of the augmentation costs nothing while samples are converted.

    What is left of it is done by `hear`. All that is done here has the same bits on any number of threads.
    """
    return chunks.stems(
        keys,
        ahead=lambda numbers: take_ahead(numbers, config),
        is_mixed=not changes_stems(left_behind(config)),
    )


def hear(
    batch: ChunkBatch | StemBatch, config: AugmentConfig, *, sample_rate: int, samples: int
) -> tuple[Stems, Mixture]:
    """The augmented stems and their mixture, each of `samples` samples.

    A `StemBatch` is one of `stems_of` with the same configuration.
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
