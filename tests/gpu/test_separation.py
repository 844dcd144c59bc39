"""Songs are separated on a GPU as on the processor: whole, in blocks, with every option, in memory that stays the same."""

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from numpy import ndarray

import auralflow
from auralflow.models import Separator, create
from auralflow.separation import Bag, Member, SeparationOptions, separate, separate_file
from tests.separation.sounds import noise

TARGETS = ("vocals", "drums", "bass", "other")
SIGNAL: dict[str, Any] = {"sample_rate": 8000, "num_fft": 256, "window_size": 256, "hop_length": 128}  # fmt: skip
NETWORKS: dict[str, dict[str, Any]] = {
    "UNetSpec": {"max_layers": 2, "init_features": 4, **SIGNAL},
    "UNetAudio": {"max_layers": 2, "init_features": 4, **SIGNAL},
    "OpenUnmix": {"max_layers": 1, "init_features": 16, **SIGNAL},
    "Demucs": {"max_layers": 2, "init_features": 8, **SIGNAL},
    "HDemucs": {"max_layers": 4, "init_features": 8, **SIGNAL, "hop_length": 64},
    "HTDemucs": {
        "max_layers": 2,
        "init_features": 16,
        **SIGNAL,
        "num_fft": 128,
        "window_size": 128,
        "hop_length": 32,
        "transformer": {"layers": 3, "heads": 2},
    },
}
OPTIONS = {
    "plain": {},
    "several at once": {"batch_size": 5},
    "shifts and flips": {"shifts": 2, "flips": ("channels", "polarity")},
    "Wiener": {"wiener": 1},
    "consistency": {"consistency": True},
}


def _network(name: str) -> Separator:
    torch.manual_seed(0)
    return create(name, targets=TARGETS, channels=2, **NETWORKS[name]).eval()


def _decibels(found: ndarray, expected: ndarray) -> float:
    error = float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
    return 20 * math.log10(max(error, 1e-12))


def _separated(network: Separator | Bag, mixture: ndarray, **options: Any) -> ndarray:
    settings = SeparationOptions(segment_seconds=1.0, **options)
    stems = separate(network, mixture, sample_rate=8000, options=settings)
    return np.stack([stems[target] for target in TARGETS])


@pytest.mark.parametrize("options", OPTIONS.values(), ids=list(OPTIONS))
@pytest.mark.parametrize("name", NETWORKS)
def test_a_song_has_the_stems_it_has_on_the_processor(name: str, options: dict[str, Any]) -> None:
    one = _network(name)
    mixture = noise(50_003)
    expected = _separated(one, mixture, **options)
    found = _separated(copy.deepcopy(one).cuda(), mixture, **options)
    assert _decibels(found, expected) < -80


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", NETWORKS)
def test_half_the_bits_are_near_the_whole(name: str, precision: str) -> None:
    network = _network(name).cuda()
    mixture = noise(50_003)
    whole = _separated(network, mixture)
    assert _decibels(_separated(network, mixture, precision=precision), whole) < -25


def test_several_networks_answer_together() -> None:
    networks = [_network("UNetSpec"), _network("Demucs")]
    weights = [{"vocals": 1.0, "drums": 2.0}, {"vocals": 3.0, "bass": 1.0, "other": 1.0}]
    mixture = noise(50_003)

    def together(device: str) -> ndarray:
        members = zip(networks, weights, strict=True)
        return _separated(Bag([Member(each.to(device), own) for each, own in members]), mixture)

    expected = together("cpu")
    assert _decibels(together("cuda"), expected) < -80


def test_blocks_of_a_stream_are_the_song() -> None:
    network = _network("UNetSpec").cuda()
    mixture = noise(50_003)
    options = SeparationOptions(segment_seconds=1.0)
    stream = network.stream(options=options)
    blocks = np.array_split(mixture, 37, axis=1)
    parts = [stems for block in blocks for stems in stream.push(torch.from_numpy(block))]
    found = torch.cat([*parts, *stream.finish()], -1).cpu().numpy()
    assert _decibels(found, _separated(network, mixture)) < -100


def test_the_gpus_memory_does_not_grow_with_the_song(tmp_path: Path) -> None:
    network = _network("OpenUnmix").cuda()
    peaks = []
    for seconds in (20, 200):
        song = tmp_path / f"{seconds}.wav"
        soundfile.write(song, noise(seconds * 8000).T, 8000)
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        separate_file(
            network, song, tmp_path / "stems", options=SeparationOptions(batch_size=2), force=True
        )
        peaks.append(torch.cuda.max_memory_allocated())
    # Ten times the song; the allocator's own rounding is a few hundredths.
    assert peaks[1] < 1.1 * peaks[0]


def test_the_network_that_comes_with_the_package_says_the_same(tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    soundfile.write(song, noise(5 * 44_100).T, 44_100)
    answers = [
        auralflow.separate(song, model=auralflow.load_model("unet-vocals", cuda=cuda))["vocals"]
        for cuda in (False, True)
    ]
    assert _decibels(answers[1], answers[0]) < -80
