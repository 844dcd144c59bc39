"""What the keys `loss` and `loss-options` may hold, and what is said of anything else."""

import subprocess
import sys
from typing import Any, get_args

import pytest

from auralflow.config import Config, parameters_of
from auralflow.config.layers import Layer, resolve
from auralflow.errors import ConfigError
from auralflow.losses import LOSSES, LossName, LossOptions, create_loss, parse_loss


def test_the_names_for_the_configuration_are_those_of_the_catalogue():
    assert list(get_args(LossName)) == list(LOSSES)


def test_a_name_is_a_loss_of_weight_one_in_any_case():
    assert parse_loss("Smooth-L1") == {"smooth-l1": 1.0}


def test_a_mapping_gives_each_name_its_weight():
    assert parse_loss({"l1": 1, "SI-SDR": 0.5}) == {"l1": 1.0, "si-sdr": 0.5}


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("si-sdrr", r"'si-sdrr' is no loss \(did you mean si-sdr\?\)"),
        ("xyzzy", r"'xyzzy' is no loss \(known: l1, l2, smooth-l1, .*log-wmse\)"),
        ({}, "names no loss"),
        ({"l1": 1.0, "L1": 2.0}, "names l1 twice"),
        ({"l1": 0.0}, "the weight of l1 must be above 0"),
        ({"l1": -1.0}, "the weight of l1 must be above 0"),
        ({"l1": float("nan")}, "the weight of l1 must be above 0 and finite"),
        ({"l1": "much"}, "the weight of l1 must be a number"),
        ({"l1": True}, "the weight of l1 must be a number"),
    ],
)
def test_what_is_no_loss_is_an_error_that_says_why(value: Any, complaint: str):
    with pytest.raises(ValueError, match=complaint):
        parse_loss(value)
    with pytest.raises(ConfigError, match=complaint):
        create_loss(value)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            {"component": {"alpha": 0.5, "beta": 0.5}},
            "component.beta is 0.5, but must leave the target a weight: below 1 with alpha, which is 0.5",
        ),
        (
            {"component": {"alpha": 0.3}},
            "component.beta is 0.8, but must leave the target a weight: below 1 with alpha, which is 0.3",
        ),
        (
            {"multi-l1-snr": {"num-fft": [512, 1024]}},
            "multi-l1-snr.window-size is .*must be as long as num-fft and hop-length",
        ),
        (
            {"multi-l1-snr": {"num-fft": [1024]}},
            "multi-l1-snr.window-size is .*must not be above num-fft",
        ),
        (
            {"multi-l1-snr": {"hop-length": [4096]}},
            "multi-l1-snr.window-size is .*must be above hop-length",
        ),
        (
            {"multi-resolution-stft": {"num-fft": [], "hop-length": [], "window-size": []}},
            "hold a size at least",
        ),
        ({"smooth-l1": {"knee": 0.0}}, "smooth-l1.knee is 0.0, but must be greater than 0"),
        ({"alpha": 0.3}, "alpha is not a key here"),
    ],
)
def test_options_that_do_not_fit_are_an_error_with_their_key(options: Any, complaint: str):
    with pytest.raises(ConfigError, match=complaint):
        resolve(LossOptions, [Layer("train_config.yaml", options)])


def test_defaults_fit():
    assert resolve(LossOptions, []).value == LossOptions()


def test_every_option_has_an_explanation():
    assert [leaf.key for leaf in parameters_of(LossOptions) if not leaf.doc] == []


class Section(Config):
    """As the training section holds them."""

    loss: str | dict[str, float] = "l1"
    """A name, or names with weights."""
    loss_options: LossOptions = LossOptions.defaults()


def test_a_section_takes_a_name_or_a_mapping_and_the_options():
    values = {"loss": {"l1": 1, "mask": 0.5}, "loss-options.component.alpha": 0.05}
    section = resolve(Section, [Layer("flag", values)]).value
    assert section.loss == {"l1": 1.0, "mask": 0.5}
    assert section.loss_options.component.alpha == 0.05


def test_names_and_options_are_importable_without_torch():
    check = (
        "import sys, auralflow.losses.names, auralflow.losses.options; "
        "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
