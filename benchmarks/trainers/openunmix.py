"""The training of openunmix 1.3.0 in a process of its own: `python -m trainers.openunmix MUSIC STEPS WORKERS BASE`.

Neither the package's wheel nor its source distribution has the training script; it lies in the repository as `scripts/train.py`.
Its loop over an epoch is followed here, step for step, on the package's own dataset, Fourier transform, network and
meter: batch to the device, gradients to zero, spectrograms of mixture and target, mean squared error, Adam, the loss as
a number into a meter and a progress bar. The dataset's statistics, which it takes before, are left out.
"""

import sys
from typing import Any

import torch

from loaders.music import RATE, STEMS
from loaders.sides import PACKAGES
from trainers.clock import Clock
from trainers.networks import OPENUNMIX

__all__: list[str] = []


def _dataset(root: str, steps: int) -> Any:
    """As `--dataset trackfolder_fix` with `--random-track-mix --source-augmentations gain channelswap` makes it."""
    from openunmix.data import FixedSourcesTrackFolderDataset, aug_from_str

    dataset = FixedSourcesTrackFolderDataset(
        root,
        split="train",
        target_file="vocals.wav",
        interferer_files=[f"{name}.wav" for name in STEMS[:-1]],
        seq_duration=float(OPENUNMIX.seconds),
        random_chunks=True,
        random_track_mix=True,
        source_augmentations=aug_from_str(["gain", "channelswap"]),
    )
    # An epoch of the folder dataset is its few tracks once each.
    dataset.tracks = dataset.tracks * -(-steps * OPENUNMIX.batch // len(dataset.tracks))
    return dataset


def main() -> None:
    """Train for one epoch."""
    root, steps, workers, _ = sys.argv[1:]
    torch.set_num_threads(1)
    sys.path.append(str(PACKAGES))
    import tqdm
    from openunmix import model, transforms, utils

    loader = torch.utils.data.DataLoader(
        _dataset(root, int(steps)),
        batch_size=OPENUNMIX.batch,
        shuffle=True,
        num_workers=int(workers),
    )
    transform, _ = transforms.make_filterbanks(n_fft=4096, n_hop=1024, sample_rate=float(RATE))
    encoder = torch.nn.Sequential(transform, model.ComplexNorm(mono=False))
    network = model.OpenUnmix(
        nb_bins=2049,
        nb_channels=2,
        hidden_size=OPENUNMIX.keys["init_features"],
        max_bin=utils.bandwidth_to_max_bin(float(RATE), 4096, OPENUNMIX.keys["bandwidth"]),
    )
    optimiser = torch.optim.Adam(
        network.parameters(), lr=0.001, weight_decay=OPENUNMIX.weight_decay
    )
    losses, clock = utils.AverageMeter(), Clock()
    network.train()
    bar = tqdm.tqdm(loader)
    for mixture, target in bar:
        clock.tick()
        bar.set_description("Training batch")
        optimiser.zero_grad()
        estimate = network(encoder(mixture))
        reference = encoder(target)
        loss = torch.nn.functional.mse_loss(estimate, reference)
        loss.backward()
        optimiser.step()
        losses.update(loss.item(), reference.size(1))
        bar.set_postfix(loss=f"{losses.avg:.3f}")
    clock.finish(network)


if __name__ == "__main__":
    main()
