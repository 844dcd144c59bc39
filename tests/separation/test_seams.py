"""A song cut into segments against the same song in one piece, through the real U-Net."""

import math

import numpy as np
import torch

from auralflow.models import create
from auralflow.models.base import Separator
from auralflow.separation import SeparationOptions, separate_stream

RATE = 8000


def _network(depth: int) -> Separator:
    torch.manual_seed(0)
    return create(
        "unet",
        channels=1,
        sample_rate=RATE,
        num_fft=256,
        window_size=256,
        hop_length=192,
        max_layers=depth,
        init_features=4,
    ).eval()


def _deviation_db(network: Separator) -> float:
    """Energy of what differs between the song cut and the song in one piece, against that of the song's stem."""
    song = np.random.default_rng(0).normal(0, 0.1, (1, 24 * RATE)).astype(np.float32)

    def separated(seconds: float) -> np.ndarray:
        options = SeparationOptions(segment_seconds=seconds)
        stream = separate_stream(network, [song], sample_rate=RATE, channels=1, options=options)
        return np.concatenate(list(stream), axis=-1)

    whole, cut = separated(60.0), separated(6.0)
    return 10 * math.log10(((whole - cut) ** 2).sum() / (whole**2).sum())


def test_seams_cannot_be_measured_where_segments_start_on_the_networks_grid():
    network = _network(depth=4)
    # 192 samples a frame, halved four times. Seams at -80 dB lie 20 dB below the noise of a 16-bit song this loud.
    assert network.step == 192 * 2**4
    assert _deviation_db(network) < -80


def test_the_grid_is_what_keeps_them_away():
    network = _network(depth=4)
    network.step = 1
    assert _deviation_db(network) > -40
