"""Each key of what lies around a U-Net's levels changes what it names: task, masks, norms, and the filter bank."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auralflow.errors import ModelError
from auralflow.models import Separator, create
from auralflow.models.layers.filterbank import FilterBank
from auralflow.models.layers.masks import Mask
from tests.models.networks import TARGETS, TINY

MASKED = [("spectrogram", "mask"), ("audio", "mask")]
DIRECT = [("spectrogram", "direct"), ("audio", "direct")]


def unet(domain: str, *, targets: int = 1, channels: int = 1, **keys: Any) -> Separator:
    keys = {**TINY, "domain": domain, "filter_bank": {"filters": 16, "size": 16}, **keys}
    return create("unet", targets=TARGETS[:targets], channels=channels, **keys)


def all_of(module: nn.Module, kind: type[nn.Module]) -> list[Any]:
    return [part for part in module.modules() if isinstance(part, kind)]


def last_convolution(model: nn.Module) -> Any:
    (*_, last) = all_of(model, nn.ConvTranspose2d) + all_of(model, nn.ConvTranspose1d)
    return last


def count(model: nn.Module) -> int:
    return sum(weights.numel() for weights in model.parameters())


def heard_by(model: Separator, audio: Tensor) -> Tensor:
    """What the levels see of a mixture."""
    heard: list[Tensor] = []
    hook = model.get_submodule("unet").register_forward_pre_hook(
        lambda _, given: heard.append(given[0])
    )
    model(audio)
    hook.remove()
    return heard[0]


@pytest.mark.parametrize(("domain", "task"), [*MASKED, *DIRECT])
def test_the_task_is_by_default_a_mask_on_spectrograms_and_direct_on_audio(domain, task):
    by_default = {"spectrogram": "mask", "audio": "direct"}[domain]
    assert count(unet(domain)) == count(unet(domain, task=by_default))
    assert (len(all_of(unet(domain), Mask)) == 1) == (by_default == "mask")
    assert (len(all_of(unet(domain, task=task), Mask)) == 1) == (task == "mask")


def test_a_mask_on_audio_acts_on_a_filter_bank_and_nothing_else_has_one():
    banks = {
        (domain, task): len(all_of(unet(domain, task=task), FilterBank))
        for domain, task in [*MASKED, *DIRECT]
    }
    assert banks == {
        ("spectrogram", "mask"): 0,
        ("audio", "mask"): 1,
        ("spectrogram", "direct"): 0,
        ("audio", "direct"): 0,
    }


@torch.no_grad()
@pytest.mark.parametrize("domain", ["spectrogram", "audio"])
def test_the_direct_task_can_answer_what_the_mixture_does_not_hold(domain):
    louder = {}
    mixture = 0.01 * torch.randn(1, 1, 2000)
    for task in ("direct", "mask"):
        model = unet(domain, task=task, mask_activation="relu", input_norm=False).eval()
        last_convolution(model).bias.fill_(100.0)
        louder[task] = bool(model(mixture).norm() > 1.01 * mixture.norm())
    assert louder == {"direct": True, "mask": False}


ACTIVATIONS = {
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "relu": lambda x: x.clamp(0, 1),
    "tanh": lambda x: x.tanh().clamp(0, 1),
    "hardtanh": lambda x: x.clamp(0, 1),
    "softmax": lambda x: x.exp() / x.exp().sum(1, keepdim=True),
}


@pytest.mark.parametrize(("domain", "task"), MASKED)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_mask_activation_is_the_function_it_names_held_between_0_and_1(domain, task, name):
    model = unet(domain, targets=3, task=task, mask_activation=name)
    features = torch.linspace(-3, 3, 3 * 5 * 7).reshape(1, 3, 1, 5, 7)
    mask: Tensor = model.get_submodule("domain.mask")(features)
    assert torch.allclose(mask, ACTIVATIONS[name](features), atol=1e-6)
    assert mask.ge(0).all()
    assert mask.le(1).all()


@torch.no_grad()
@pytest.mark.parametrize(("domain", "task"), MASKED)
@pytest.mark.parametrize("targets", [2, 3])
def test_masks_by_softmax_share_out_the_whole_mixture(domain, task, targets):
    # On audio, the bank of twice as many filters as its hop gives the mixture back while it is fresh.
    model = unet(domain, targets=targets, channels=2, task=task, mask_activation="softmax").eval()
    mixture = torch.randn(2, 2, 1500)
    assert torch.allclose(model(mixture).sum(1), mixture, atol=1e-5)


@pytest.mark.parametrize(("domain", "task"), MASKED)
def test_a_softmax_over_one_target_is_refused(domain, task):
    with pytest.raises(ModelError, match="softmax and there is one target"):
        unet(domain, targets=1, task=task, mask_activation="softmax")


@torch.no_grad()
def test_input_norm_makes_the_network_hear_a_loud_song_as_a_soft_one():
    torch.manual_seed(0)
    mixture = torch.randn(4, 1, 4000)
    # Standardised log magnitudes: a factor is an offset that the mean takes out.
    model = unet("spectrogram", input_norm=True)
    features = heard_by(model, mixture)
    louder = heard_by(unet("spectrogram", input_norm=True), 8 * mixture)
    assert torch.allclose(features, louder, atol=1e-3)
    # A batch norm leaves each bin with mean 0 and variance 1.
    assert features.mean((0, 1, 3)).abs().max() < 1e-3
    assert (features.var((0, 1, 3), unbiased=False) - 1).abs().max() < 1e-2
    plain = unet("spectrogram", input_norm=False)
    assert torch.allclose(heard_by(plain, 8 * mixture), 8 * heard_by(plain, mixture), rtol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("task", ["direct", "mask"])
def test_input_norm_standardises_each_example_of_audio_by_itself(task):
    mixture = 0.3 * torch.randn(3, 2, 4000) + 0.1
    model = unet("audio", channels=2, task=task, input_norm=True)
    features = heard_by(model, mixture)
    assert features.mean((1, 2)).abs().max() < 1e-4
    assert (features.var((1, 2), unbiased=False) - 1).abs().max() < 1e-3
    # 8 times as loud is the same to it, but for the -100 dB below which nothing is made louder.
    assert torch.allclose(features, heard_by(model, 8 * mixture), atol=1e-3)
    plain = unet("audio", channels=2, task=task, input_norm=False)
    assert torch.allclose(heard_by(plain, 8 * mixture), 8 * heard_by(plain, mixture), rtol=1e-4)


@torch.no_grad()
def test_what_input_norm_takes_from_the_level_of_audio_the_answer_gets_back():
    mixture = torch.randn(2, 1, 1000)
    model = unet("audio", input_norm=True).eval()
    assert torch.allclose(8 * model(mixture), model(8 * mixture), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("domain", "task", "places"),
    [
        # Half of a transform of 128 is 64 bins.
        ("spectrogram", "mask", 64),
        ("spectrogram", "direct", 64),
        # Two channels of three stems; and 16 filters of each of them.
        ("audio", "direct", 2 * 3),
        ("audio", "mask", 2 * 3 * 16),
    ],
)
def test_output_norm_adds_a_scale_and_an_offset_for_each_bin_or_channel(domain, task, places):
    keys: dict[str, Any] = {"task": task, "channels": 2, "targets": 3}
    with_norm, without = (unet(domain, output_norm=norm, **keys) for norm in (True, False))
    assert count(with_norm) - count(without) == 2 * places
    with_norm.load_state_dict(without.state_dict(), strict=False)
    mixture = torch.randn(1, 2, 1000)
    before = without.eval()(mixture)
    # It starts as nothing at all, and its offset reaches the answer.
    assert torch.allclose(with_norm.eval()(mixture), before, atol=1e-6)
    with torch.no_grad():
        with_norm.get_parameter("domain.output_norm.offset").add_(3.0)
    assert not torch.allclose(with_norm(mixture), before, atol=1e-3)


@pytest.mark.parametrize(("filters", "size"), [(16, 16), (4, 8), (40, 10)])
def test_filter_bank_keys_are_the_number_and_the_length_of_its_filters(filters, size):
    keys = {"filters": filters, "size": size}
    model = unet("audio", channels=2, targets=3, task="mask", filter_bank=keys)
    (bank,) = all_of(model, FilterBank)
    assert bank.analysis.weight.shape == bank.synthesis.weight.shape == (filters, 1, size)
    # The levels see the filters of both channels and answer with masks for those of all stems.
    assert model.get_submodule("unet.encoder.0.before.0").get_parameter("weight").shape[1] == 2 * filters  # fmt: skip
    assert last_convolution(model).out_channels == 3 * 2 * filters
    # A level's step is a filter's, half its length, halved twice by the levels.
    assert model.step == size // 2 * 4


def test_filters_of_odd_length_are_refused_where_there_are_any():
    with pytest.raises(ModelError, match=r"filter-bank\.size is 7: give an even number"):
        unet("audio", task="mask", filter_bank={"size": 7})


@torch.no_grad()
@pytest.mark.parametrize(("domain", "task"), [*MASKED, *DIRECT])
@pytest.mark.parametrize("down", ["conv", "maxpool", "decimate"])
def test_the_last_sample_of_every_length_reaches_the_last_sample(domain, task, down):
    model = unet(domain, task=task, input_norm=False, encoder={"down": down}).eval()
    for weights in model.get_submodule("unet").parameters():
        weights.abs_()  # so that nothing cancels and no unit is off
    for samples in (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 70):
        mixtures = torch.ones(2, 1, samples)
        mixtures[1, :, -1] += 1
        as_it_was, louder = model(mixtures)[:, 0, 0, -1].tolist()
        assert as_it_was != louder
