"""How far networks hear, against closed forms and against the networks themselves."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.models import create, summarise
from auralflow.models.layers.attention import LocalAttention
from auralflow.models.layers.recurrent import BLSTM
from auralflow.models.summary.reach import ReceptiveField
from tests.models.chain import Chain, Folded, OverTime, Parallel
from tests.models.networks import TINY


def field_of(*layers: nn.Module, **keys: int) -> ReceptiveField:
    return summarise(Chain(*layers, **keys)).receptive_field


def test_convolutions_in_a_row_add_up_and_those_side_by_side_do_not():
    wide, narrow = nn.Conv1d(1, 1, 5, dilation=4, padding=8), nn.Conv1d(1, 1, 3, padding=1)
    assert field_of(wide, narrow) == ReceptiveField(9, 9)
    assert field_of(Parallel(wide, narrow)) == ReceptiveField(8, 8)
    assert field_of(Parallel(nn.Sequential(narrow, narrow, narrow), narrow)).samples == 7


def test_a_kernel_that_lies_to_one_side_hears_to_that_side():
    assert field_of(nn.ConstantPad1d((4, 0), 0.0), nn.Conv1d(1, 1, 5)) == ReceptiveField(4, 0)


def test_weights_of_zero_and_paths_that_cancel_count_all_the_same():
    layer = nn.Conv1d(1, 1, 5, padding=2)
    nn.init.zeros_(layer.weight)
    assert field_of(layer) == ReceptiveField(2, 2)


@pytest.mark.parametrize(
    "layer",
    [
        nn.ReLU(),
        nn.ReLU(inplace=True),
        nn.ReLU6(),
        nn.Hardtanh(),
        nn.Threshold(0.0, 0.0),
        nn.LeakyReLU(0.0),
        nn.PReLU(),
        nn.GELU(),
        nn.Sigmoid(),
    ],
    ids=str,
)
def test_functions_that_are_flat_somewhere_stop_nothing(layer):
    # An offset of -10 puts every value on the flat side.
    first = nn.Conv1d(1, 1, 3, padding=1)
    with torch.no_grad():
        first.weight.zero_()
        next(bias for bias in first.parameters() if bias.dim() == 1).fill_(-10.0)
    assert field_of(nn.Sequential(first, layer), nn.Conv1d(1, 1, 3, padding=1)).samples == 5


@pytest.mark.parametrize("pooling", [nn.MaxPool1d, nn.AvgPool1d])
def test_pooling_hears_all_that_it_pools(pooling):
    # A place in the middle is the first of a pool of 4, between neighbours that the kernel sees.
    chain = Chain(pooling(4), nn.Conv1d(1, 1, 3, padding=1), nn.Upsample(scale_factor=4))
    chain.step = 4
    assert summarise(chain).receptive_field == ReceptiveField(4, 7)


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (OverTime(nn.LSTM(4, 4, batch_first=True)), "LSTM"),
        (OverTime(nn.GRU(4, 4, batch_first=True)), "GRU"),
        (OverTime(nn.RNN(4, 4, batch_first=True)), "RNN"),
        (OverTime(nn.MultiheadAttention(4, 2, batch_first=True), times=3), "attention"),
        (LocalAttention(4), "attention"),
        (nn.GroupNorm(2, 4), "group norm"),
        (nn.InstanceNorm1d(4), "instance norm"),
    ],
    ids=str,
)
def test_layers_that_gather_over_all_time_hear_the_whole_input_and_the_first_is_named(
    layer, reason
):
    first = nn.Conv1d(4, 4, 3, padding=1)
    field = field_of(first, layer, nn.GroupNorm(1, 4), channels=4)
    assert field == ReceptiveField(None, None, f"{reason} in layer 2")
    assert field.samples is None


@pytest.mark.parametrize(
    "layer",
    [
        OverTime(nn.LayerNorm(4)),
        nn.BatchNorm1d(4),
        nn.InstanceNorm1d(4, track_running_stats=True),
        nn.Softmax(dim=1),
    ],
    ids=str,
)
def test_norms_over_features_and_those_with_statistics_of_training_hear_one_place(layer):
    assert field_of(layer, channels=4) == ReceptiveField(0, 0)


@pytest.mark.parametrize("layer", [OverTime(nn.LSTM(4, 4, batch_first=True)), nn.GroupNorm(2, 4)])
def test_layers_that_gather_within_pieces_hear_a_piece(layer):
    # 100 samples, of which the middle one begins a piece of 5.
    chain = Chain(Folded(layer), channels=4)
    chain.step = 5
    field = summarise(chain).receptive_field
    # An LSTM in one direction does not know what comes.
    assert field == ReceptiveField(0, 0 if isinstance(layer, OverTime) else 4)


def test_a_recurrent_layer_over_windows_hears_a_window():
    # Windows of 8 overlap by half, and their middle is kept: sample 150 of 300 is the third of the window from 148 on, and
    # is kept from that.
    layer = BLSTM(1, layers=1, window=8)
    assert summarise(Chain(layer, samples=300)).receptive_field == ReceptiveField(2, 5)


def test_a_network_that_fills_short_mixtures_up_hears_the_whole_input_all_the_same():
    class Filled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.GroupNorm(1, 1)

        def forward(self, features: Tensor) -> Tensor:
            samples = features.shape[-1]
            filled = F.pad(features, (0, max(0, 250 - samples)))
            answer: Tensor = self.norm(filled)
            return answer[..., :samples]

    assert field_of(Filled(), samples=100).reason == "group norm in layer 1"


def test_a_network_that_hears_more_than_can_be_tried_hears_the_whole_input():
    class Mean(nn.Module):
        def forward(self, features: Tensor) -> Tensor:
            return features + features.mean(-1, keepdim=True)

    # Before the first level a mean is a standardisation; as a level it is part of the network.
    assert field_of(nn.Identity(), Mean()) == ReceptiveField(None, None)


def test_standardising_an_example_does_not_count():
    keys: dict[str, Any] = {"channels": 1, **TINY}
    field = summarise(create("UNetAudio", **keys)).receptive_field
    assert field == summarise(create("UNetAudio", input_norm=False, **keys)).receptive_field
    assert field.samples is not None


def test_scaling_by_a_maximum_does_not_count():
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Conv1d(1, 1, 3, padding=1)

        def forward(self, features: Tensor) -> Tensor:
            level = features.abs().amax(-1, keepdim=True)
            answer: Tensor = self.layer(features / level) * level
            return answer

    assert field_of(Scaled()) == ReceptiveField(1, 1)


def test_frames_are_counted_as_the_samples_they_cover():
    # A sample at the centre of frame 2j lies under that window only (96 apart, 128 long). Its value comes from three places
    # of the level below, 2 frames apart, which see 5 frames each: 4 + 5 frames.
    field = summarise(create("UNetSpec", channels=1, **{**TINY, "max_layers": 1})).receptive_field
    assert field.samples == (9 - 1) * 96 + 128


def test_open_unmix_with_convolutions_hears_the_frames_that_these_see():
    # Two layers of three frames: five, 96 samples apart and 128 long.
    keys: dict[str, Any] = {**TINY, "bottleneck": {"type": "conv"}}
    field = summarise(create("openunmix", channels=1, **keys)).receptive_field
    assert field.samples == (5 - 1) * 96 + 128


FINITE: list[tuple[str, dict[str, Any]]] = [
    ("UNetSpec", {}),
    ("UNetSpec", {"max_layers": 3, "encoder": {"kernel_size": 3, "block_layers": 2}}),
    ("UNetSpec", {"encoder": {"down": "maxpool"}, "decoder": {"up": "upsample"}}),
    ("UNetSpec", {"hop_length": 32, "mask_activation": "relu", "skip_connections": False}),
    ("UNetSpec", {"task": "direct", "input_norm": False, "bottleneck": {"layers": 1}}),
    ("UNetVAESpec", {}),
    ("UNetAudio", {"max_layers": 4}),
    ("UNetAudio", {"encoder": {"down": "decimate"}, "decoder": {"up": "upsample"}}),
    ("UNetAudio", {"task": "mask", "encoder": {"kernel_size": 7}}),
    ("UNetVAEAudio", {"decoder": {"kernel_size": 9}}),
    ("AdaptiveUNet", {}),
    (
        "AdaptiveUNet",
        {
            "domain": "audio",
            "encoder": [["conv", {"kernel_size": 3, "dilation": 3}], ["relu"], ["max_pool", 3]],
            "decoder": [["upsample", {"mode": "linear"}], ["conv", 3], ["glu"]],
        },
    ),
]


@torch.no_grad()
@pytest.mark.parametrize(("name", "keys"), FINITE, ids=str)
def test_networks_hear_what_their_receptive_field_says_and_nothing_else(name, keys):
    """What is not a number (NaN) stays so through sums, products and comparisons, whatever the weights.

    So the first and the last sample of the field make the answer NaN, and all that lies outside does not.
    """
    waveform = "Audio" in name or keys.get("domain") == "audio"
    # A deviation over the example, which does not count, would carry NaN everywhere.
    net = create(
        name, channels=2, **{**TINY, **({"input_norm": False} if waveform else {}), **keys}
    )
    field = summarise(net).receptive_field
    assert field.before is not None
    assert field.after is not None
    net.eval()
    half = net.step * (2 + max(field.before, field.after) // net.step)

    def is_heard(*places: int | slice) -> bool:
        mixture = torch.randn(1, 2, 2 * half)
        for place in places:
            mixture[..., place] = torch.nan
        return bool(net(mixture)[..., half].isnan().any())

    first, last = half - field.before, half + field.after
    assert is_heard(first)
    assert is_heard(last)
    assert not is_heard(slice(None, first), slice(last + 1, None))
