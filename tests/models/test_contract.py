"""What every network of the catalogue promises, for each task, channel count and number of targets."""

import pytest
import torch

from auralflow.errors import ConfigError, ModelError
from auralflow.models import create
from auralflow.models.base import Separator
from tests.models.networks import CASES, PARAMS, TARGETS, network

LENGTHS = [1, 2, 95, 96, 97, 127, 128, 129, 4410]
"""Around a hop of 96 and a window of 128, and far beyond both."""


@pytest.fixture(scope="module", params=PARAMS, ids=str)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def model(case) -> Separator:
    """A network in eval mode whose batch statistics have seen something."""
    torch.manual_seed(0)
    net = network(case)
    with torch.no_grad():
        for _ in range(3):
            net(0.3 * torch.randn(2, case.channels, 2000))
    return net.eval()


@torch.no_grad()
def test_any_length_from_one_sample_on_comes_back_as_that_length_in_float32(case, model):
    channels, targets = case.channels, case.targets
    for samples in LENGTHS:
        stems = model(torch.randn(2, channels, samples))
        assert stems.shape == (2, targets, channels, samples)
        assert stems.dtype == torch.float32
        assert stems.isfinite().all()


@torch.no_grad()
def test_the_items_of_a_batch_do_not_influence_one_another(case, model):
    batch = torch.randn(3, case.channels, 1000) * torch.tensor([1e-3, 0.3, 1.0])[:, None, None]
    together = model(batch)
    for item in range(3):
        alone = model(batch[item : item + 1])[0]
        # Kernels for other batch sizes may sum in another order, which is some units in the last place.
        assert torch.allclose(together[item], alone, rtol=1e-4, atol=1e-6)


@torch.no_grad()
def test_silence_stays_finite_and_a_mask_leaves_it_silent(case, model):
    stems = model(torch.zeros(1, case.channels, 1000))
    assert stems.isfinite().all()
    if case.task == "mask":
        assert stems.eq(0).all()


@torch.no_grad()
def test_the_same_configuration_and_weights_give_the_same_answer(case, model):
    twin = network(case)
    twin.load_state_dict(model.state_dict())
    mixture = torch.randn(1, case.channels, 1000)
    assert torch.equal(twin.eval()(mixture), model(mixture))


@torch.no_grad()
def test_nothing_is_random_in_eval(case, model):
    mixture = torch.randn(1, case.channels, 1000)
    assert torch.equal(model(mixture), model(mixture))


@torch.no_grad()
def test_dropout_is_at_work_in_training_only(case):
    if case.family not in ("unet", "adaptive") or "VAE" in case.name:
        return  # these have no dropout by default, or another chance beside it
    mixture = torch.randn(2, case.channels, 2000)
    # In training the batch's own statistics are used, so that two passes differ by dropout alone.
    dropping = network(case)
    assert not torch.equal(dropping(mixture), dropping(mixture))
    calm = network(case, num_dropouts=0)
    assert torch.equal(calm(mixture), calm(mixture))


@torch.no_grad()
def test_an_estimate_and_the_truth_have_the_same_shape(case, model):
    channels, targets = case.channels, case.targets
    mixture = torch.randn(2, channels, 1000)
    estimate = model.estimate(mixture)
    truth = model.reference(torch.randn(2, targets, channels, 1000))
    assert estimate.values.shape == truth.shape
    assert torch.equal(estimate.audio(), model(mixture))


@torch.no_grad()
@pytest.mark.parametrize("case", [case for case in CASES if case.masks_magnitudes], ids=str)
def test_a_soft_mask_takes_away_and_never_adds(case):
    model = network(case).eval()
    mixture = torch.randn(2, case.channels, 1000)
    whole = model.reference(mixture[:, None])
    values = model.estimate(mixture).values
    assert values.ge(0).all()
    assert values.le(whole * (1 + 1e-6)).all()


@torch.no_grad()
def test_the_answer_is_float32_under_mixed_precision_and_for_other_floats(case, model):
    mixture = torch.randn(1, case.channels, 1000)
    plain = model(mixture)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = model(mixture)
    assert mixed.dtype == torch.float32
    # bfloat16 keeps 8 bits, so that some percent are lost on the way through the layers; not the sense.
    assert (mixed - plain).norm() <= 0.1 * plain.norm() + 1e-3
    assert torch.allclose(model(mixture.double()), plain)


@pytest.mark.parametrize(
    ("shape", "part"),
    [
        ((1, 1000), "has shape (1, 1000)"),
        ((1, 3, 1000), "has shape (1, 3, 1000)"),
        ((1, 1, 1, 1000), "has shape"),
        ((1, None, 0), "has no samples"),
    ],
)
def test_a_mixture_of_another_shape_is_refused(case, model, shape, part):
    with pytest.raises(ModelError) as caught:
        model(torch.zeros(tuple(case.channels if size is None else size for size in shape)))
    assert part in str(caught.value)


def test_whole_numbers_are_refused(case, model):
    with pytest.raises(ModelError, match=r"is torch\.int16: give floats"):
        model(torch.zeros(1, case.channels, 100, dtype=torch.int16))


def test_the_order_of_the_targets_is_that_of_the_output(case, model):
    assert model.targets == TARGETS[: case.targets]


@pytest.mark.parametrize("targets", [(), ("vocals", "vocals")])
def test_targets_that_make_no_sense_are_refused(case, targets):
    with pytest.raises(ModelError, match=r"targets"):
        create(case.name, targets=targets)


def test_a_key_that_is_not_the_network_s_is_refused(case):
    with pytest.raises(ConfigError, match="wings is not a key here"):
        network(case, wings=2)


def test_a_window_longer_than_its_transform_and_a_hop_that_leaves_gaps_are_refused(case):
    with pytest.raises(ModelError, match="must not be longer than the transform"):
        network(case, num_fft=64)
    with pytest.raises(ModelError, match="the hop must be shorter than the window"):
        network(case, hop_length=256)
