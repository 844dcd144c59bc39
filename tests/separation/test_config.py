"""The keys of separation, and the options made of them."""

import subprocess
import sys

import pytest

from auralflow.config import parameters_of
from auralflow.errors import ConfigError
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.config import SeparationConfig


def test_the_keys_are_spelt_as_documented():
    keys = [parameter.key for parameter in parameters_of(SeparationConfig)]
    assert keys == [
        "segment", "overlap", "separation-batch", "window", "context", "shifts", "flips", "wiener", "consistency",
        "separation-precision", "targets", "mixture-minus", "format", "bits", "overs", "residual", "tags", "template",
        "preview", "jobs",
    ]  # fmt: skip
    assert all(parameter.doc for parameter in parameters_of(SeparationConfig))


def test_the_options_are_those_of_the_keys():
    config = SeparationConfig(
        segment=5.5,
        overlap=0.5,
        separation_batch=2,
        context="auto",
        shifts=3,
        flips=("polarity",),
        wiener=1,
    )
    assert config.options(["vocals"]) == SeparationOptions(
        5.5, 0.5, 2, "auto", shifts=3, flips=("polarity",), wiener=1, targets=("vocals",)
    )
    assert SeparationConfig().options() == SeparationOptions()


def test_lists_may_be_written_with_commas_as_flags_are():
    config = SeparationConfig.model_validate(
        {"targets": "vocals, drums", "mixture_minus": "vocals", "flips": "channels,polarity"}
    )
    assert config.options().targets == ("vocals", "drums")
    assert config.order().mixture_minus == ("vocals",)
    assert config.options().flips == ("channels", "polarity")


@pytest.mark.parametrize(
    ("name", "bits", "expected"), [("wav", None, 32), ("flac", None, 24), ("wav", 16, 16)]
)
def test_bits_follow_the_format_where_they_are_not_given(name, bits, expected):
    encoding = SeparationConfig(format=name, bits=bits).encoding()
    assert (encoding.format, encoding.bits) == (name, expected)


def test_bits_of_the_input_are_left_to_the_song():
    encoding = SeparationConfig(format="flac", bits="input").encoding()
    assert (encoding.format, encoding.follows_song) == ("flac", True)


def test_bits_that_a_format_does_not_have_are_refused():
    with pytest.raises(ConfigError, match="flac is not written with 32 bits"):
        SeparationConfig(format="flac", bits=32).encoding()


def test_reading_the_keys_loads_no_heavy_library():
    program = (
        "import sys, auralflow.separation.config;"
        "print([m for m in ('torch', 'numpy', 'soundfile', 'av') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_a_segment_without_a_length_is_refused(seconds):
    with pytest.raises(ConfigError, match="longer than nothing"):
        SeparationOptions(segment_seconds=seconds)


def test_a_batch_of_no_segments_is_refused():
    with pytest.raises(ConfigError, match="at least one"):
        SeparationOptions(batch_size=0)


def test_a_segment_is_at_least_a_sample():
    assert SeparationOptions(segment_seconds=1e-9).segment_samples(44_100) == 1
    assert SeparationOptions(segment_seconds=8).segment_samples(44_100) == 352_800
