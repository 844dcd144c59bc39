"""Each key of Demucs changes in the network what it names, and impossible values are refused."""

from typing import Any

import pytest
import torch
from torch import nn

from auralflow.errors import ConfigError, ModelError
from auralflow.models import create
from auralflow.models.demucs.levels import Decimate, Upsample
from auralflow.models.layers.attention import LocalAttention
from auralflow.models.layers.recurrent import BLSTM
from auralflow.models.layers.residual import ResidualBranch
from auralflow.models.layers.variational import Variational

STEMS = ("drums", "vocals")


def demucs(**keys: Any) -> Any:
    """Three levels of 4, 8 and 16 features for stereo at 8 kHz."""
    return create(
        "demucs",
        targets=STEMS,
        channels=2,
        sample_rate=8000,
        **{"init_features": 4, "max_layers": 3, **keys},
    )


def all_of(module: nn.Module, kind: Any) -> list[Any]:
    return [part for part in module.modules() if isinstance(part, kind)]


def kernels(levels: nn.Module, kind: Any) -> list[int]:
    return [conv.kernel_size[0] for conv in all_of(levels, kind)]


@pytest.mark.slow
def test_the_default_is_the_network_of_2019():
    model: Any = create("demucs", targets=("drums", "bass", "other", "vocals"))
    strided = [level[0] for level in model.encoder]
    # Défossez et al., 2019, section 3: six levels from 64 features on, kernels of 8 with a stride of 4.
    assert [conv.out_channels for conv in strided] == [64, 128, 256, 512, 1024, 2048]
    assert {(conv.kernel_size, conv.stride) for conv in strided} == {((8,), (4,))}
    assert (model.lstm.lstm.num_layers, model.lstm.lstm.bidirectional) == (2, True)
    assert [level[-1].out_channels for level in model.decoder if len(level) == 4] == [8]


def test_max_layers_init_features_and_growth_are_depth_and_widths():
    model = demucs(max_layers=2, init_features=6, growth=1.5)
    assert [level[0].out_channels for level in model.encoder] == [6, 9]
    assert len(model.decoder) == 2


def test_stride_is_by_how_much_each_level_is_coarser():
    model = demucs(stride=2)
    assert {level[0].stride for level in model.encoder} == {(2,)}
    assert model.step == 2**3
    assert demucs().step == 4**3


@pytest.mark.parametrize(("layers", "gated"), [(1, 0), (2, 1), (3, 2)])
def test_block_layers_counts_the_convolutions_of_a_level(layers, gated):
    model = demucs(encoder={"block_layers": layers}, decoder={"block_layers": layers})
    for level in [*model.encoder, *model.decoder]:
        assert len(all_of(level, nn.GLU)) == gated
        assert len(all_of(level, (nn.Conv1d, nn.ConvTranspose1d))) == layers


def test_kernel_sizes_are_pairs():
    model = demucs(encoder={"kernel_size": [6, 3]}, decoder={"kernel_size": [5, 7]})
    assert kernels(model.encoder, nn.Conv1d) == [6, 3] * 3
    assert kernels(model.decoder, nn.Conv1d) == [5] * 3
    assert kernels(model.decoder, nn.ConvTranspose1d) == [7] * 3


def test_down_and_up_choose_how_the_resolution_changes():
    assert len(all_of(demucs(encoder={"down": "maxpool"}), nn.MaxPool1d)) == 3
    assert len(all_of(demucs(encoder={"down": "decimate"}), Decimate)) == 3
    assert {level[0].stride for level in demucs(encoder={"down": "maxpool"}).encoder} == {(1,)}
    upsampled = demucs(decoder={"up": "upsample"})
    assert len(all_of(upsampled, Upsample)) == 3
    assert all_of(upsampled, nn.ConvTranspose1d) == []


@torch.no_grad()
@pytest.mark.parametrize("down", ["conv", "maxpool", "decimate"])
@pytest.mark.parametrize("up", ["transposed", "upsample"])
@pytest.mark.parametrize("samples", [1, 2, 63, 64, 65, 1000])
def test_every_way_down_and_up_keeps_the_length(down, up, samples):
    model = demucs(encoder={"down": down}, decoder={"up": up}).eval()
    stems = model(torch.randn(1, 2, samples))
    assert stems.shape == (1, 2, 2, samples)
    assert stems.isfinite().all()


def test_leak_and_activation_choose_the_function_behind_the_strided_convolutions():
    assert {type(level[2]) for level in demucs().encoder} == {nn.ReLU}
    leaky = [level[2] for level in demucs(encoder={"leak": 0.1}).encoder]
    assert [part.negative_slope for part in leaky] == [0.1] * 3
    assert {type(level[2]) for level in demucs(activation="gelu").encoder} == {nn.GELU}
    with pytest.raises(ModelError, match=r"encoder\.leak is 0\.1 and activation gelu"):
        demucs(activation="gelu", encoder={"leak": 0.1})


def test_dropout_is_in_the_levels_next_to_the_bottleneck():
    model = demucs(num_dropouts=2, decoder={"dropout": 0.3})
    shares = [[part.p for part in all_of(level, nn.Dropout)] for level in model.decoder]
    assert shares == [[0.3], [0.3], []]


def test_the_bottleneck_is_recurrent_or_convolutions_or_nothing():
    assert demucs(bottleneck={"layers": 3}).lstm.lstm.num_layers == 3
    assert demucs(bottleneck={"layers": 0}).lstm is None
    convolutions = demucs(bottleneck={"type": "conv", "layers": 2})
    assert convolutions.lstm is None
    # The deepest level has 16 features.
    assert [
        (conv.in_channels, conv.kernel_size)
        for conv in all_of(convolutions.convolutions, nn.Conv1d)
    ] == [(16, (3,))] * 2


def test_a_variational_bottleneck_draws_in_training_and_adds_its_weighted_divergence():
    mixture = torch.randn(1, 2, 500)
    model = demucs(bottleneck={"variational": True, "kl_weight": 0.5})
    assert len(all_of(model, Variational)) == 1
    first, second = (model.estimate(mixture) for _ in range(2))
    assert not torch.equal(first.values, second.values)
    model.eval()
    assert torch.equal(model.estimate(mixture).values, model.estimate(mixture).values)
    half = model.estimate(mixture).penalties["kl"]
    model.variational.weight = 1.0
    assert torch.isclose(model.estimate(mixture).penalties["kl"], 2 * half)


@torch.no_grad()
def test_without_skips_the_encoder_reaches_the_decoder_through_the_bottleneck_only():
    model = demucs(skip_connections=False, input_norm=False).eval()
    heard: list[torch.Tensor] = []
    model.decoder[0].register_forward_pre_hook(lambda _, given: heard.append(given[0]))
    model.lstm.register_forward_hook(lambda *given: heard.append(given[2]))
    model(torch.randn(1, 2, 500))
    assert torch.equal(heard[0], heard[1])


@torch.no_grad()
def test_input_norm_makes_answers_as_loud_as_the_mixture():
    mixture = torch.randn(1, 2, 2000)
    model = demucs().eval()
    assert torch.allclose(model(8 * mixture), 8 * model(mixture), rtol=1e-3, atol=1e-3)
    plain = demucs(input_norm=False).eval()
    assert not torch.allclose(plain(8 * mixture), 8 * plain(mixture), rtol=1e-3, atol=1e-3)


def test_output_norm_is_a_scale_and_an_offset_for_each_output_channel():
    counts = [sum(p.numel() for p in demucs(output_norm=on).parameters()) for on in (True, False)]
    # Two stems of two channels, two numbers each.
    assert counts[0] - counts[1] == 2 * 4


def test_norms_start_at_a_level_and_have_groups():
    model = demucs(norm_starts=1, norm_groups=2)
    groups = [[part.num_groups for part in all_of(level, nn.GroupNorm)] for level in model.encoder]
    assert groups == [[], [2, 2], [2, 2]]
    with pytest.raises(ModelError, match="norm-groups is 3, which does not divide the 4 features"):
        demucs(norm_starts=0, norm_groups=3)


def test_residual_branches_stand_where_they_are_asked_for():
    keys = {"attention_from": 1, "lstm_from": 2, "depth": 3, "compress": 1.0}
    counts = {
        where: [
            len(all_of(side, ResidualBranch))
            for side in (
                demucs(residual={"where": where, **keys}).encoder,
                demucs(residual={"where": where, **keys}).decoder,
            )
        ]
        for where in ("none", "encoder", "decoder", "both")
    }
    assert counts == {"none": [0, 0], "encoder": [3, 0], "decoder": [0, 3], "both": [3, 3]}
    model = demucs(residual={"where": "encoder", **keys})
    assert [len(all_of(level, LocalAttention)) for level in model.encoder] == [0, 3, 3]
    assert [len(all_of(level, BLSTM)) for level in model.encoder] == [0, 0, 3]
    with pytest.raises(ModelError, match=r"heads"):
        demucs(residual={"where": "encoder", "attention_from": 0, "compress": 2.0})


def test_resample_doubles_the_rate_inside():
    lengths = []
    for resample in (False, True):
        model = demucs(resample=resample)
        model.encoder[0].register_forward_hook(lambda *given: lengths.append(given[2].shape[-1]))
        model(torch.randn(1, 2, 4000))
    assert lengths[1] == pytest.approx(2 * lengths[0], rel=0.02)


def test_rescale_draws_the_deviation_of_fresh_weights_half_way():
    torch.manual_seed(0)
    plain = demucs(rescale=0.0).encoder[0][0].weight.std()
    torch.manual_seed(0)
    drawn = demucs(rescale=0.1).encoder[0][0].weight.std()
    # Half way on a logarithmic scale is the geometric mean.
    assert torch.isclose(drawn, (plain * 0.1).sqrt(), rtol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "hardtanh", "softmax"])
def test_the_mask_task_multiplies_the_outputs_of_a_filter_bank(activation):
    model = demucs(task="mask", mask_activation=activation, filter_bank={"filters": 8, "size": 10})
    assert model.domain.filter_bank.analysis.weight.shape == (8, 1, 10)
    seen: list[torch.Tensor] = []
    model.domain.mask.register_forward_hook(lambda *given: seen.append(given[2]))
    stems = model.eval()(torch.randn(1, 2, 500))
    assert stems.shape == (1, 2, 2, 500)
    assert seen[0].ge(0).all()
    assert seen[0].le(1).all()


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        ({"encoder": {"kernel_size": [8, 2]}}, "encoder.kernel-size is"),
        ({"decoder": {"kernel_size": [2, 8]}}, "decoder.kernel-size is"),
        ({"encoder": {"kernel_size": 8}}, "encoder.kernel-size is 8"),
        ({"domain": "spectrogram"}, "domain is spectrogram"),
        ({"encoder": {"wings": 1}}, "encoder.wings is not a key here"),
        ({"max_layers": 0}, "max-layers is 0"),
        ({"stride": 1}, "stride is 1"),
    ],
)
def test_values_that_cannot_be_are_refused(keys, part):
    with pytest.raises(ConfigError) as caught:
        demucs(**keys)
    assert part in str(caught.value)


def test_a_depth_the_chunk_cannot_hold_names_the_largest_that_fits():
    # 3 s at 8 kHz are 24,000 samples; 4⁷ is 16,384.
    with pytest.raises(ModelError, match=r"max-layers is 8, .* set max-layers to 7 or less"):
        demucs(max_layers=8, init_features=1)


def test_a_kernel_shorter_than_the_stride_is_refused():
    with pytest.raises(ModelError, match=r"encoder\.kernel-size holds 3 for a stride of 4"):
        demucs(encoder={"kernel_size": [3, 1]})


def test_older_weights_without_norms_load():
    model = demucs()
    old = {
        name.replace(".3.", ".2.", 1) if name.startswith(("encoder", "decoder")) else name: value
        for name, value in model.state_dict().items()
    }
    assert old.keys() != model.state_dict().keys()
    model.load_state_dict(old)
