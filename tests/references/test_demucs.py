"""Demucs, HDemucs and HTDemucs against the package demucs 4.1.0, with equal weights."""

from typing import Any

import pytest
import torch
from torch import nn

from auralflow.checkpoints import load_model
from auralflow.pretrained import download
from tests.models.demucs_cases import CASES, STEMS, DemucsCase, network
from tests.models.golden_files import keep_or_compare
from tests.models.weights import fill, mixture
from tests.pretrained.files import using

_STORED = 1000
"""Samples of an answer that are stored."""


def package(case: DemucsCase) -> Any:
    """The package's network, with fresh weights."""
    from demucs.demucs import Demucs
    from demucs.hdemucs import HDemucs
    from demucs.htdemucs import HTDemucs

    kinds = {"demucs": Demucs, "hdemucs": HDemucs, "htdemucs": HTDemucs}
    return kinds[case.base](STEMS, audio_channels=case.channels, **case.package)


@torch.no_grad()
@pytest.mark.parametrize("case", CASES, ids=str)
def test_both_answer_the_same_and_take_each_other_s_weights(case):
    theirs, ours = fill(package(case)), network(case).eval()
    ours.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())
    heard = mixture(2, case.channels, case.samples)
    expected = theirs(heard)
    stems = ours(heard)
    assert stems.shape == expected.shape
    assert (stems - expected).abs().max() <= 1e-5 * expected.abs().max()
    keep_or_compare(case.golden, expected[..., :_STORED])


def _without_chance(module: nn.Module) -> Any:
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    return module.train()


@pytest.mark.parametrize("case", [case for case in CASES if "cape" not in case.name], ids=str)
def test_training_has_the_same_gradients(case):
    theirs, ours = _without_chance(fill(package(case))), _without_chance(fill(network(case)))
    heard = mixture(2, case.channels, case.samples)
    wanted = 0.5 * heard.unsqueeze(1)
    torch.autograd.backward((theirs(heard) - wanted).square().mean())
    torch.autograd.backward((ours.estimate(heard).values - wanted).square().mean())
    expected = {name: value.grad for name, value in theirs.named_parameters()}
    gradients = {name: value.grad for name, value in ours.named_parameters()}
    assert gradients.keys() == expected.keys()
    largest = max(float(value.abs().max()) for value in expected.values() if value is not None)
    for name, gradient in gradients.items():
        theirs_of_it = expected[name]
        if theirs_of_it is None:
            assert gradient is None or not gradient.any(), name
            continue
        assert gradient is not None, name
        # What is added before a norm has no gradient but rounding: hence the second term.
        allowed = 1e-4 * theirs_of_it.abs().max() + 1e-5 * largest
        assert (gradient - theirs_of_it).abs().max() <= allowed, name


@torch.no_grad()
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name == "defaults"] + CASES[:1], ids=str
)
def test_a_file_by_the_package_is_read_as_the_network_it_holds(case, tmp_path, monkeypatch):
    theirs: Any = fill(package(case))
    arguments, named = theirs._init_args_kwargs
    content = {
        "klass": type(theirs),
        "args": arguments,
        "kwargs": named,
        "state": {name: value.half() for name, value in theirs.state_dict().items()},
    }
    torch.save(content, tmp_path / "a.th")
    theirs.load_state_dict({name: value.float() for name, value in content["state"].items()})
    using(monkeypatch, "htdemucs", tmp_path / "a.th")
    (path,) = download("htdemucs", mirror=tmp_path)
    heard = mixture(2, case.channels, case.samples)
    expected = theirs(heard)
    stems = load_model(path, cuda=False)(heard)
    assert (stems - expected).abs().max() <= 1e-5 * expected.abs().max()
