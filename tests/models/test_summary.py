"""Levels, parameters and multiply-adds against closed forms, and what is printed."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auralflow.errors import ModelError
from auralflow.models import ARCHITECTURES, create, summarise
from auralflow.models.layers.attention import LocalAttention
from auralflow.models.summary import LevelSummary, Summary, to_text
from auralflow.models.summary.reach import ReceptiveField
from tests.models.chain import ByHand, Chain, OverTime
from tests.models.networks import CASES, TINY, network


def adds(*layers: nn.Module, channels: int = 1, samples: int = 100) -> list[int]:
    chain = Chain(*layers, channels=channels, samples=samples)
    return [level.multiply_adds for level in summarise(chain).levels]


def test_a_convolution_costs_its_weights_at_each_place_of_the_output():
    # Stride 2 leaves 50 of 100 places; two groups have half of the 4 · 6 pairs of features each, so 12 in all.
    layers = (nn.Conv1d(4, 6, 5, stride=2, padding=2, groups=2), nn.ConvTranspose1d(6, 4, 2, 2))
    assert adds(*layers, channels=4)[0] == 50 * 12 * 5


def test_a_transposed_convolution_costs_its_weights_at_each_place_of_the_input():
    layers = (nn.Conv1d(1, 3, 4, stride=4), nn.ConvTranspose1d(3, 1, 8, stride=4, padding=2))
    assert adds(*layers)[1] == 25 * 3 * 8


@pytest.mark.parametrize(("cell", "gates"), [(nn.LSTM, 4), (nn.GRU, 3)])
@pytest.mark.parametrize("batch_first", [False, True])
def test_a_recurrent_layer_costs_its_gates_at_each_step_in_each_direction(cell, gates, batch_first):
    width, hidden, steps = 3, 5, 100
    layer = cell(width, hidden, num_layers=2, bidirectional=True, batch_first=batch_first)

    class Steps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, features: Tensor) -> Tensor:
            rows = features.mT if batch_first else features.permute(2, 0, 1)
            answer: Tensor = self.layer(rows)[0]
            return (answer.mT if batch_first else answer.permute(1, 2, 0))[:, :width]

    first, second = hidden * (width + hidden), hidden * (2 * hidden + hidden)
    assert adds(Steps(), channels=width) == [steps * 2 * gates * (first + second)]


def test_attention_costs_its_four_linear_layers_and_two_products_of_all_places():
    width, places = 8, 100
    layer = OverTime(nn.MultiheadAttention(width, 2, batch_first=True), times=3)
    expected = places * 4 * width**2 + 2 * places**2 * width
    assert adds(layer, channels=width) == [expected]


def test_attention_written_out_costs_the_same_kind_of_products():
    width, places, heads, decays = 8, 100, 2, 4
    layer = LocalAttention(width, heads=heads, decays=decays)
    projections = places * width * (4 * width + heads * decays)
    slopes = places * heads * decays
    assert adds(layer, channels=width) == [projections + slopes + 2 * places**2 * width]


def test_a_linear_layer_costs_its_weights_for_each_place():
    assert adds(OverTime(nn.Linear(2, 2)), channels=2) == [100 * 4]


def test_norms_activations_and_pooling_cost_nothing():
    layers = (nn.BatchNorm1d(1), nn.PReLU(), nn.AvgPool1d(2), nn.Upsample(scale_factor=2))
    assert adds(*layers) == [0, 0, 0, 0]


def test_weights_count_where_they_are_used_without_calling_their_module():
    chain = Chain(ByHand(nn.Conv1d(1, 1, 5)))
    level = summarise(chain).levels[0]
    assert (level.parameters, level.multiply_adds) == (6, 500)


def test_weights_that_two_levels_share_count_once():
    layer = nn.Conv1d(1, 1, 3, padding=1)
    summary = summarise(Chain(nn.Sequential(layer), nn.Sequential(layer)))
    assert [level.parameters for level in summary.levels] == [4, 0]
    assert [level.multiply_adds for level in summary.levels] == [300, 300]
    assert summary.parameters == 4


def test_a_whole_u_net_is_what_a_person_computes():
    # 960 samples are 11 frames of 96, padded to 12; 65 bins less the Nyquist bin are 64. Kernels have 25 weights; a norm has
    # two a feature, and takes the place of the offset.
    net = create("UNetSpec", channels=1, **TINY)
    summary = summarise(net, 960)
    assert summary.levels == (
        LevelSummary("encoder 1", (4, 32, 6), 1 * 4 * 25 + 8, 1 * 4 * 25 * 32 * 6),
        LevelSummary("encoder 2", (8, 16, 3), 4 * 8 * 25 + 16, 4 * 8 * 25 * 16 * 3),
        # Transposed: places of the input.
        LevelSummary("decoder 1", (4, 32, 6), 8 * 4 * 25 + 8, 8 * 4 * 25 * 16 * 3),
        # The skip makes it twice as wide, and the last has an offset.
        LevelSummary("decoder 2", (1, 64, 12), 8 * 25 + 1, 8 * 25 * 32 * 6),
    )
    assert summary.rest == LevelSummary("the rest", (), 0, 0)
    assert summary.parameters == sum(weight.numel() for weight in net.parameters())
    assert summary.multiply_adds == 100 * 192 + 800 * 48 + 800 * 48 + 200 * 192
    # Norms hold mean, variance and a counter of 8 bytes: those of 4, 8 and 4 features, and that of 64 bins.
    assert summary.weight_bytes == 4 * (summary.parameters + 2 * (16 + 64)) + 4 * 8
    assert (summary.samples, summary.channels, summary.sample_rate) == (960, 1, 8000)
    assert summary.step == 96 * 4


def test_what_lies_outside_the_levels_is_counted_apart():
    keys = {"task": "mask", "filter_bank": {"filters": 8, "size": 8}, **TINY}
    summary = summarise(create("UNetAudio", channels=1, **keys), 400)
    # Two banks of 8 filters of 8 samples, half of that apart, with one place more than there are hops.
    assert (summary.rest.parameters, summary.rest.multiply_adds) == (128, 101 * 128)


def test_the_mixture_is_a_training_example_unless_a_length_is_given():
    net = create("UNetAudio", channels=1, chunk_size=0.5, **TINY)
    assert summarise(net).samples == 4000
    assert summarise(net) == summarise(net, 4000)
    with pytest.raises(ModelError, match="samples is 0: give a length of one sample at least"):
        summarise(net, 0)


def test_a_summary_leaves_the_network_as_it_was():
    net = create("UNetRecurrentSpec", channels=1, **TINY)
    next(net.children()).eval()
    next(net.parameters()).requires_grad_(False)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    modes = [module.training for module in net.modules()]
    wanted = [weight.requires_grad for weight in net.parameters()]
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    summarise(net)
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert [module.training for module in net.modules()] == modes
    assert [weight.requires_grad for weight in net.parameters()] == wanted
    assert not any(module._forward_hooks for module in net.modules())
    assert all(weight.grad is None for weight in net.parameters())


@pytest.mark.parametrize("name", [entry.name for entry in ARCHITECTURES])
def test_every_network_has_a_summary(name):
    case = next(case for case in CASES if case.name == name and case.targets == 4)
    net = network(case)
    summary = summarise(net, 4000)
    assert summary.network == name
    assert summary.parameters == sum(weight.numel() for weight in net.parameters())
    assert [level.name for level in summary.levels] == [level for level, _ in net.levels()]
    assert all(level.shape and level.multiply_adds for level in summary.levels)
    assert summary.rest.multiply_adds >= 0
    field = summary.receptive_field
    assert field.reason if field.samples is None else field.samples > 1
    text = to_text(summary)
    assert max(map(len, text.splitlines())) <= 80
    for level in summary.levels:
        assert f"{level.name}  " in text


def printed(**changes: Any) -> str:
    values: dict[str, Any] = {
        "network": "UNetSpec",
        "targets": ("vocals",),
        "levels": (
            LevelSummary("encoder 1", (16, 1024), 1_234_567, 1_234_567_890),
            LevelSummary("unused", (), 0, 0),
        ),
        "rest": LevelSummary("the rest", (), 12, 999_600),
        "weight_bytes": 4_938_316,
        "samples": 132_300,
        "channels": 1,
        "sample_rate": 44_100,
        "receptive_field": ReceptiveField(8819, 8820),
        "step": 1,
    }
    return to_text(Summary(**{**values, **changes}))


def lines(text: str, start: str) -> Sequence[str]:
    return [line for line in text.splitlines() if line.startswith(start)]


def test_a_summary_in_print():
    assert (
        printed()
        == """\
UNetSpec for vocals

level      output      parameters  multiply-adds
────────────────────────────────────────────────
encoder 1  16 × 1,024   1,234,567         1.23 G
unused                          0              0
the rest                       12         1.00 M
────────────────────────────────────────────────
total                   1,234,579         1.24 G

computed for      3 s of 1 channel at 44,100 Hz, 1 target
multiply-adds     of convolutions, matrices, recurrent layers and attention;
                  Fourier transforms are not counted
weights           4.9 MB
receptive field   0.4 s
step              1 sample
"""
    )


def test_what_lies_outside_the_levels_is_left_out_of_print_where_there_is_nothing():
    assert lines(printed(rest=LevelSummary("the rest", (), 0, 0)), "the rest") == []


def test_receptive_fields_and_steps_in_print():
    text = printed(receptive_field=ReceptiveField(None, None, "LSTM in bottleneck"), step=49_152)
    assert lines(text, "receptive") == ["receptive field   the whole input (LSTM in bottleneck)"]
    assert lines(text, "step") == ["step              49,152 samples (1.11 s)"]
    assert lines(printed(receptive_field=ReceptiveField(None, None)), "receptive") == [
        "receptive field   the whole input"
    ]
    assert lines(printed(receptive_field=ReceptiveField(220, 220)), "receptive") == [
        "receptive field   10 ms"
    ]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00 k"),
        (9994, "9.99 k"),
        (99_940, "99.9 k"),
        (99_950, "100 k"),
        (2_500_000_000_000, "2.50 T"),
    ],
)
def test_multiply_adds_are_printed_in_three_digits(count, text):
    levels = (LevelSummary("one", (), 1, count),)
    assert lines(printed(levels=levels), "one")[0].endswith(f"  {text}")
