"""Each key of Hybrid Demucs changes in the network what it names, and impossible values are refused."""

from typing import Any

import pytest
import torch
from torch import nn

from auralflow.errors import ConfigError, ModelError
from auralflow.models import create
from auralflow.models.hdemucs.bands import DecoderBands, EncoderBands
from auralflow.models.hdemucs.levels import FromFrames, ToFrames
from auralflow.models.layers.attention import LocalAttention
from auralflow.models.layers.recurrent import BLSTM
from auralflow.models.layers.residual import ResidualBranch

STEMS = ("drums", "vocals")


def hdemucs(**keys: Any) -> Any:
    """Three levels down the 128 bins of 256 samples, 128 to 32 to 8 to 1, and one along time; stereo at 8 kHz."""
    small = {
        "max_layers": 4,
        "init_features": 4,
        "num_fft": 256,
        "window_size": 256,
        "hop_length": 64,
    }
    return create("hdemucs", targets=STEMS, channels=2, sample_rate=8000, **{**small, **keys})


def all_of(module: nn.Module, kind: Any) -> list[Any]:
    return [part for part in module.modules() if isinstance(part, kind)]


def kernels(levels: nn.Module, name: str) -> list[tuple[int, ...]]:
    return [getattr(level, name).kernel_size for level in levels.children()]


def test_the_default_is_the_network_of_the_paper():
    model: Any = create("hdemucs", targets=("drums", "bass", "other", "vocals"))
    # Défossez 2021, figure 2: 48 features, doubled by each level, at 4096 samples and a hop of 1024; five levels on
    # the waveform, of which the last joins.
    widths = [level.conv.out_channels for level in model.encoder]
    assert widths == [48, 96, 192, 384, 768, 1536]
    assert [type(level) for level in model.tencoder][-1] is ToFrames
    assert isinstance(model.tdecoder[0], FromFrames)
    assert (len(model.tencoder), len(model.tdecoder)) == (5, 5)
    # Four stems, two channels, two parts; and the same in samples, without parts.
    assert model.decoder[-1].conv_tr.out_channels == 16
    assert model.tdecoder[-1].conv_tr.out_channels == 8


def test_max_layers_init_features_and_growth_are_depth_and_widths():
    model = hdemucs(max_layers=3, init_features=6, growth=1.5)
    assert [level.conv.out_channels for level in model.encoder] == [6, 9, 13]
    assert len(model.decoder) == 3


def test_init_features_time_is_the_width_of_the_waveform_s_branch_until_it_joins():
    model = hdemucs(init_features_time=12)
    assert [level.conv.out_channels for level in model.encoder] == [4, 8, 48, 96]
    assert [level.conv.out_channels for level in model.tencoder] == [12, 24, 48]


def test_kernel_size_and_stride_and_time_stride_are_those_of_the_levels():
    model = hdemucs(
        max_layers=6, kernel_size=4, stride=2, time_stride=4, num_fft=64, window_size=64, hop_length=16
    )  # fmt: skip
    # 32 bins become 16, 8, 4 and 1, the last by a kernel of all of them.
    assert kernels(model.encoder, "conv") == [(4, 1), (4, 1), (4, 1), (4, 1), (8,), (8,)]
    assert kernels(model.decoder, "conv_tr") == [(8,), (8,), (4, 1), (4, 1), (4, 1), (4, 1)]
    assert {level.conv.stride for level in model.tencoder} == {(2,)}
    # A frame every 16 samples, and two levels with a stride of 4.
    assert model.step == 16 * 4 * 4


def test_contexts_are_what_gated_convolutions_see_on_either_side():
    model = hdemucs(context=2, context_encoder=1)
    assert kernels(model.decoder, "rewrite") == [(5,), (5, 5), (5, 5), (5, 5)]
    assert kernels(model.encoder, "rewrite") == [(3, 3), (3, 3), (3, 3), (3,)]
    assert kernels(hdemucs().encoder, "rewrite") == [(1, 1), (1, 1), (1, 1), (1,)]


@pytest.mark.parametrize(("starts", "levels"), [(0, 4), (2, 2), (4, 0), (None, 0)])
def test_norm_starts_is_the_first_level_with_group_norms_of_norm_groups(starts, levels):
    model = hdemucs(norm_starts=starts, norm_groups=2, residual={"where": "none"})
    norms = [len(all_of(level, nn.GroupNorm)) for level in model.encoder]
    assert norms == [0] * (4 - levels) + [2] * levels
    assert {norm.num_groups for norm in all_of(model, nn.GroupNorm)} == ({2} if levels else set())


@pytest.mark.parametrize(
    ("where", "sides"),
    [("none", (0, 0)), ("encoder", (4, 0)), ("decoder", (0, 4)), ("both", (4, 4))],
)
def test_residual_where_is_the_side_whose_levels_have_branches(where, sides):
    model = hdemucs(residual={"where": where})
    counts = tuple(len(all_of(side, ResidualBranch)) for side in (model.encoder, model.decoder))
    assert counts == sides


def test_residual_keys_shape_the_branches():
    model = hdemucs(
        init_features=16,
        residual={
            "depth": 3,
            "compress": 2.0,
            "scale": 0.5,
            "attention_from": 2,
            "lstm_from": 3,
        },
    )
    branches = [level.dconv for level in model.encoder]
    assert {len(branch.layers) for branch in branches} == {3}
    assert [branch.layers[0][0].out_channels for branch in branches] == [8, 16, 32, 64]
    assert all(branch.layers[0][-1].scale.eq(0.5).all() for branch in branches)
    assert [len(all_of(branch, LocalAttention)) for branch in branches] == [0, 0, 3, 3]
    assert [len(all_of(branch, BLSTM)) for branch in branches] == [0, 0, 0, 3]


def test_freq_emb_adds_a_vector_for_each_bin_after_the_first_level():
    assert hdemucs(freq_emb=0.0).freq_emb is None
    embedding = hdemucs(freq_emb=0.3, emb_scale=5.0).freq_emb
    # 128 bins and a stride of 4.
    assert embedding.embedding.weight.shape == (32, 4)
    features = torch.zeros(1, 4, 32, 3)
    expected = 0.3 * 5.0 * embedding.embedding.weight.t()[None, :, :, None].expand(-1, -1, -1, 3)
    assert torch.allclose(embedding(features), expected)


def test_emb_scale_keeps_vectors_smaller_than_they_are_used():
    torch.manual_seed(0)
    small = hdemucs(emb_scale=10.0).freq_emb.embedding.weight
    torch.manual_seed(0)
    large = hdemucs(emb_scale=1.0).freq_emb.embedding.weight
    assert torch.allclose(10 * small, large)


def test_emb_smooth_begins_with_neighbours_alike():
    def roughness(smooth: bool) -> float:
        torch.manual_seed(0)
        weight = hdemucs(init_features=64, emb_smooth=smooth).freq_emb.embedding.weight.detach()
        return float(weight.diff(dim=0).square().mean() / weight.square().mean())

    # Independent neighbours differ by twice the variance; steps of a walk by less and less of what was walked.
    assert roughness(smooth=False) == pytest.approx(2, rel=0.2)
    assert roughness(smooth=True) < 0.5


def test_multi_freqs_cuts_the_outer_levels_into_bands_with_weights_of_their_own():
    model = hdemucs(multi_freqs=[0.25, 0.5], multi_freqs_depth=1)
    assert [isinstance(level, EncoderBands) for level in model.encoder] == [True, False, False, False]  # fmt: skip
    assert [isinstance(level, DecoderBands) for level in model.decoder] == [False, False, False, True]  # fmt: skip
    assert len(model.encoder[0].layers) == len(model.decoder[-1].layers) == 3


@torch.no_grad()
@pytest.mark.parametrize("context", [0, 1])
def test_bands_of_equal_weights_are_one_level(context):
    # Without neighbours in bins, which bands do not see across their edges.
    keys = {"context": 0, "max_layers": 3, "norm_starts": None}
    whole = hdemucs(**keys).eval()
    cut = hdemucs(**keys, multi_freqs=[0.25, 0.5], multi_freqs_depth=1 + context).eval()
    state = dict(whole.state_dict())
    for name in cut.state_dict():
        if ".layers." in name and name not in state:
            side, level, _, _, rest = name.split(".", 4)
            state[name] = state[f"{side}.{level}.{rest}"]
    cut.load_state_dict({name: state[name] for name in cut.state_dict()})
    mixture = torch.randn(2, 2, 1000)
    assert torch.allclose(cut(mixture), whole(mixture), atol=1e-5)


def test_complex_as_channels_doubles_the_channels_of_the_spectrogram():
    assert hdemucs().encoder[0].conv.in_channels == 4
    model = hdemucs(complex_as_channels=False)
    assert model.encoder[0].conv.in_channels == 2
    assert model.decoder[-1].conv_tr.out_channels == 4


@torch.no_grad()
@pytest.mark.parametrize(
    "wiener", [{"iterations": 1}, {"iterations": 1, "residual": True}], ids=str
)
def test_wiener_keys_change_what_becomes_of_magnitudes(wiener):
    every: list[dict[str, Any]] = [{}, wiener]
    models = [hdemucs(complex_as_channels=False, wiener=keys).eval() for keys in every]
    models[1].load_state_dict(models[0].state_dict())
    mixture = torch.randn(1, 2, 1000)
    assert not torch.allclose(models[0](mixture), models[1](mixture), atol=1e-4)


@torch.no_grad()
def test_the_mixture_s_phase_is_the_same_with_and_without_the_filter():
    models = [
        hdemucs(complex_as_channels=False, wiener={"iterations": number}).eval() for number in (0, -1)
    ]  # fmt: skip
    models[1].load_state_dict(models[0].state_dict())
    mixture = torch.randn(1, 2, 1000)
    assert torch.allclose(models[0](mixture), models[1](mixture), atol=1e-5)


def test_without_hybrid_there_is_no_branch_on_the_waveform():
    model = hdemucs(hybrid=False)
    assert len(model.tencoder) == len(model.tdecoder) == 0
    assert not [name for name in model.state_dict() if name.startswith("t")]


@torch.no_grad()
def test_hybrid_old_moves_the_spectrogram_s_answer_by_a_hop_and_a_half():
    models = [hdemucs(hybrid_old=old) for old in (False, True)]
    audio = torch.randn(1, 2, 2000)
    plain, shifted = (model.spectrum.inverse(model.spectrum(audio), 2000) for model in models)
    # The highest bin is left out, so that white noise comes back but for 1/129 of its power.
    assert (plain - audio).square().mean() < 0.02 * audio.square().mean()
    # Between the ends, which the first windows fade in and out.
    difference = shifted[..., 400:1900] - audio[..., 400 - 96 : 1900 - 96]
    assert difference.square().mean() < 0.02 * audio.square().mean()


def test_rescale_draws_fresh_weights_towards_a_deviation():
    torch.manual_seed(0)
    plain = hdemucs(rescale=0.0).encoder[0].conv.weight.detach()
    torch.manual_seed(0)
    drawn = hdemucs(rescale=0.1).encoder[0].conv.weight.detach()
    # Half way on a log scale.
    assert drawn.std().item() == pytest.approx((0.1 * plain.std()).sqrt().item(), rel=1e-5)


@torch.no_grad()
def test_a_signal_moved_by_a_step_gives_an_answer_moved_by_it():
    # Attention, LSTM, norms and loudness look at all of the mixture: without them, and with the same loudness.
    model = hdemucs(norm_starts=None, residual={"where": "none"}).eval()
    assert model.step == 128
    audio = 0.3 * torch.randn(1, 2, 1000)
    early, late = torch.zeros(1, 2, 6000), torch.zeros(1, 2, 6000)
    early[..., 2000:3000] = audio
    late[..., 2000 + model.step : 3000 + model.step] = audio
    first, second = model(early)[..., 1000:4500], model(late)[..., 1000 + 128 : 4500 + 128]
    assert torch.allclose(first, second, atol=1e-4 * float(first.abs().max()))


def test_levels_are_named_and_come_in_the_order_of_the_mixture_s_way():
    names = [name for name, _ in hdemucs().levels()]
    assert names == [
        "time encoder 1", "encoder 1", "time encoder 2", "encoder 2", "time encoder 3", "encoder 3", "encoder 4",
        "decoder 4", "decoder 3", "time decoder 3", "decoder 2", "time decoder 2", "decoder 1", "time decoder 1",
    ]  # fmt: skip


@torch.no_grad()
def test_levels_are_all_that_has_weights_but_the_vectors_of_bins():
    model = hdemucs()
    counts = [sum(p.numel() for p in level.parameters()) for _, level in model.levels()]
    vectors = model.freq_emb.embedding.weight.numel()
    assert sum(counts) + vectors == sum(p.numel() for p in model.parameters())


@torch.no_grad()
def test_a_branch_that_never_joins_stays_on_its_own():
    # Two levels leave 8 bins.
    model = hdemucs(max_layers=2).eval()
    assert model(torch.randn(1, 2, 500)).shape == (1, 2, 2, 500)


@pytest.mark.parametrize(
    ("signal", "part"),
    [
        ({"hop_length": 128}, "window-size to 256 and hop-length to 64"),
        ({"window_size": 128}, "window-size 128 and hop-length 64"),
        ({"num_fft": 260, "window_size": 260, "hop_length": 65}, "num-fft is 260"),
    ],
)
def test_a_transform_that_does_not_fit_is_refused_with_its_numbers(signal, part):
    with pytest.raises(ModelError, match=part):
        hdemucs(**signal)


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        # 512 samples: 256 bins are 64, 16 and 4, so the fourth level joins; 4⁴ samples are not a hop of 128.
        ({"num_fft": 512, "window_size": 512, "hop_length": 128},
         r"one place every 256 samples to a spectrogram of one frame every 128: set max-layers to 3 or less, or num-fft to 256 or 1024"),
        # 80 samples have 40 bins, which are 10 once divided by 4: more than a kernel, and no multiple of 4.
        ({"num_fft": 80, "window_size": 80, "hop_length": 20, "max_layers": 2},
         r"the 40 bins of num-fft 80 can be divided by 4 only once: set max-layers to 1 or less"),
        ({"stride": 6, "kernel_size": 12}, "the 128 bins of num-fft 256 cannot be divided by 6: give it a longer chunk or another num-fft"),
        # A second is 8000 samples or 125 frames, which are halved six times; three levels come before.
        ({"chunk_size": 1.0, "max_layers": 10}, r"125 frames of a chunk of 1 s can be divided by 2 only 6 times: set max-layers to 9 or less"),
        ({"chunk_size": 0.005, "max_layers": 3}, r"40 samples of a chunk of 0.005 s can be divided by 4 only 2 times: set max-layers to 2 or less"),
        ({"kernel_size": 6}, "set kernel-size to 8 and stride to 4"),
        ({"kernel_size": 6, "stride": 3}, "set kernel-size to 8 and stride to 4"),
        ({"time_stride": 3}, "time-stride is 3"),
        ({"norm_starts": 0, "norm_groups": 3}, "norm-groups is 3, which cannot share 4 features"),
        ({"residual": {"compress": 5.0}}, "residual.compress is 5"),
        ({"residual": {"attention_from": 0}}, "1 features for 4 heads"),
        ({"hybrid": False, "hybrid_old": True}, "hybrid-old is true and hybrid is false"),
        ({"multi_freqs": [0.5, 0.25]}, "rising order"),
        ({"multi_freqs": [0.01]}, r"leaves a band of the level with 128 bins without any"),
        ({"multi_freqs": [0.5], "multi_freqs_depth": 3}, "level 2 is where the last bins become one: set multi-freqs-depth to 2 or less"),
        ({"multi_freqs": [0.5], "norm_starts": 1}, "level 1 has a group norm over all bins: set multi-freqs-depth to 1 or less, or norm-starts to more"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused_with_a_remedy(keys, part):
    with pytest.raises(ModelError, match=part):
        hdemucs(**keys)


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        ({"task": "mask"}, "task is mask, but must be one of direct"),
        ({"growth": 0.5}, "growth is 0.5"),
        ({"wiener": {"iterations": -2}}, "wiener.iterations is -2"),
        ({"multi_freqs": [1.5]}, "multi-freqs is"),
        ({"bottleneck": {"layers": 2}}, "bottleneck"),
    ],
)
def test_values_that_no_key_takes_are_refused(keys, part):
    with pytest.raises(ConfigError, match=part):
        hdemucs(**keys)


def test_the_largest_depth_that_a_message_names_can_be_built():
    # See above for the message.
    model = hdemucs(chunk_size=1.0, max_layers=9, init_features=16, growth=1.0)
    assert len(model.encoder) == 9
