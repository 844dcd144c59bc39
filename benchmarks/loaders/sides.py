"""The loaders: ours, and the dataset classes of openunmix, demucs and msst as they are.

Each yields batches of eight items of four stems, six seconds long, with every stem louder or softer and in half of the
cases left and right exchanged, together with their mixture. Ours, openunmix's and msst's draw every stem from another
track at another place. demucs's takes four stems of one place; the two augmentations are its modules, called on the batch.
"""

import contextlib
import io
import os
import stat
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, RandomSampler

from auralflow.augment import wanted_numbers
from auralflow.datasets.batches import StemBatch
from auralflow.datasets.chunks import ChunkDataset
from auralflow.datasets.loader import ChunkLoader
from auralflow.datasets.loading import load_chunks, make_store
from auralflow.datasets.sampler import ChunkSampler
from auralflow.datasets.sources import open_data
from auralflow.settings.data import DataSettings
from auralflow.training.hearing import hear, load_stems
from loaders.music import RATE, STEMS, probe_json

__all__ = ["BATCH", "SAMPLES", "SECONDS", "SIDES", "Side", "find_references", "our_chunks"]

PACKAGES = Path(__file__).resolve().parents[2] / ".references-loader"
BATCH = 8
SECONDS = 6
SAMPLES = SECONDS * RATE
_MANY = 1 << 20

SETTINGS = DataSettings.model_validate(
    {
        "mono": False,
        "chunk_size": SECONDS,
        "load_size": _MANY,
        "random_mix": 1.0,
        # From a quarter to five quarters, as the others have it.
        "augment": {
            "gain": {"probability": 1.0, "low_db": -12.04, "high_db": 1.94},
            "swap_channels": {"probability": 0.5},
        },
    }
)


@dataclass(frozen=True)
class Side:
    """One loader."""

    name: str
    formats: tuple[str, ...]
    """What it can read."""
    batches: Callable[[Path, str, int], Iterator[Any]]
    """Tensors without end, from a folder of music of a format with a number of workers."""


def find_references(folder: Path, stem_mp4: Path) -> None:
    """Let the reference packages be imported; `folder` gets the programs that stempeg runs.

    ffmpeg is the one that imageio-ffmpeg brings. ffprobe is in no package: a script prints what it would say of the files
    below `stem_mp4`, known in advance, which takes less time than the program does.
    """
    if not PACKAGES.is_dir():
        raise SystemExit(f"{PACKAGES} is not there: run `make references-loader` first")
    sys.path.append(str(PACKAGES))
    # msst takes ten seconds to find libraries for effects that are not used here.
    warnings.filterwarnings("ignore")
    from imageio_ffmpeg import get_ffmpeg_exe

    (folder / "probed").mkdir(parents=True, exist_ok=True)
    (folder / "ffmpeg").symlink_to(get_ffmpeg_exe())
    for path in stem_mp4.rglob("*.stem.mp4"):
        (folder / "probed" / f"{path.name}.json").write_text(probe_json(path))
    script = folder / "ffprobe"
    script.write_text(
        '#!/bin/sh\nfor last; do :; done\nexec cat "${0%/*}/probed/${last##*/}.json"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"


def our_chunks(root: Path, *, settings: DataSettings = SETTINGS) -> ChunkDataset:
    """The dataset as `auralflow train` makes it; what must be decoded has been by then."""
    dataset = open_data(root, settings)
    store = make_store(settings)
    recordings = [recording for track in dataset.tracks for recording in track.recordings]
    if failures := store.prepare(recordings, workers=os.cpu_count() or 1):
        raise next(iter(failures.values()))
    numbers = wanted_numbers(settings.augment)
    return load_chunks(
        dataset.tracks, store, settings, stem_names=dataset.stem_names, numbers=numbers
    )


def our_loader(chunks: ChunkDataset, workers: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Stems and mixture, as `auralflow train` makes them on the CPU."""
    sampler = ChunkSampler(_MANY, BATCH)
    return map(_heard, load_stems(chunks, SETTINGS.augment, sampler, workers=workers))


def _heard(batch: StemBatch) -> tuple[Tensor, Tensor]:
    return hear(batch, SETTINGS.augment, sample_rate=RATE, samples=SAMPLES)


def _ours(root: Path, _kind: str, workers: int) -> Iterator[Any]:
    return our_loader(our_chunks(root), workers)


def _ours_plain(root: Path, _kind: str, workers: int) -> Iterator[Any]:
    chunks = our_chunks(root)
    sampler = ChunkSampler(_MANY, BATCH)
    return iter(ChunkLoader(chunks.stems, sampler, workers=workers, room=chunks.room))


def _openunmix(root: Path, kind: str, workers: int) -> Iterator[Any]:
    from openunmix.data import FixedSourcesTrackFolderDataset, MUSDBDataset, aug_from_str

    changes = aug_from_str(["gain", "channelswap"])
    if kind == "stem.mp4":
        dataset = MUSDBDataset(
            root=str(root),
            seq_duration=float(SECONDS),
            source_augmentations=changes,
            random_track_mix=True,
        )
    else:
        dataset = FixedSourcesTrackFolderDataset(
            str(root),
            target_file=f"vocals.{kind}",
            interferer_files=[f"{name}.{kind}" for name in STEMS[:-1]],
            seq_duration=float(SECONDS),
            random_chunks=True,
            random_track_mix=True,
            source_augmentations=changes,
        )
    return _loaded(dataset, workers)


def _demucs(root: Path, kind: str, workers: int) -> Iterator[Any]:
    from demucs.augment import FlipChannels, Scale
    from demucs.wav import Wavset, build_metadata

    place, ending = root / "train", f".{kind}"
    metadata = build_metadata(place, list(STEMS), normalize=False, ext=ending)
    dataset = Wavset(
        place, metadata, list(STEMS), segment=SECONDS, shift=1, normalize=False, ext=ending
    )
    changes = torch.nn.Sequential(FlipChannels(), Scale())

    def augmented_too(batch: Tensor) -> tuple[Tensor, Tensor]:
        stems: Tensor = changes(batch)
        return stems, stems.sum(1)

    return map(augmented_too, _loaded(dataset, workers))


def _msst(root: Path, _kind: str, workers: int) -> Iterator[Any]:
    from ml_collections import ConfigDict
    from msst.utils.dataset import MSSDataset

    config = ConfigDict(
        {
            "audio": {"chunk_size": SAMPLES, "min_mean_abs": 0.0, "sample_rate": RATE},
            "training": {
                "instruments": list(STEMS),
                "target_instrument": None,
                "batch_size": BATCH,
                "num_steps": _MANY // BATCH,
            },
            "augmentations": {
                "enable": True,
                "loudness": True,
                "loudness_min": 0.25,
                "loudness_max": 1.25,
                "all": {"channel_shuffle": 0.5},
            },
        }
    )
    dataset = MSSDataset(
        config, str(root / "train"), metadata_path=str(root / "metadata.pkl"), verbose=False
    )
    return _loaded(dataset, workers)


def _loaded(dataset: Any, workers: int) -> Iterator[Any]:
    sampler = RandomSampler(dataset, replacement=True, num_samples=_MANY)
    return iter(DataLoader(dataset, batch_size=BATCH, sampler=sampler, num_workers=workers))


def quietly(side: Side, root: Path, kind: str, workers: int) -> Iterator[Any]:
    """A side's batches; what its classes print while they look for files is not shown."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return side.batches(root, kind, workers)


SIDES = (
    Side("auralflow", ("wav", "flac", "stem.mp4"), _ours),
    Side("auralflow, stems alone", ("wav",), _ours_plain),
    Side("openunmix", ("wav", "flac", "stem.mp4"), _openunmix),
    Side("demucs", ("wav", "flac"), _demucs),
    Side("msst", ("wav", "flac"), _msst),
)
