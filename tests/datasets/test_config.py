"""The data section: defaults as promised, and keys that bound one another."""

import subprocess
import sys

import pytest

from auralflow.config import Layer, parameters_of, resolve
from auralflow.datasets.config import DataConfig
from auralflow.errors import ConfigError


def problems(**values: object) -> str:
    with pytest.raises(ConfigError) as caught:
        resolve(DataConfig, [Layer("flag", values)])
    return str(caught.value)


def test_the_defaults_are_those_promised():
    promised = {
        "targets": ("vocals",),
        "mono": True,
        "sample-rate": 44100,
        "num-fft": 1024,
        "window-size": 1024,
        "hop-length": 768,
        "chunk-size": 3.0,
        "load-size": 8192,
        "split": 0.2,
        "backend": "soundfile",
    }
    found = {parameter.key: parameter.default for parameter in parameters_of(DataConfig)}
    assert {key: found[key] for key in promised} == promised


def test_every_key_says_what_it_is():
    assert all(parameter.doc.endswith(".") for parameter in parameters_of(DataConfig))


@pytest.mark.parametrize("written", ["vocals, drums", ["vocals", "drums"], "vocals,,drums,"])
def test_targets_are_a_list_or_words_with_commas(written):
    found = resolve(DataConfig, [Layer("flag", {"targets": written})])
    assert found.value.targets == ("vocals", "drums")


def test_one_held_out_track_need_not_be_a_list_and_may_hold_a_comma():
    found = resolve(DataConfig, [Layer("file", {"valid-tracks": "Wait, What"})])
    assert found.value.valid_tracks == ("Wait, What",)


def test_a_window_is_no_longer_than_the_transform():
    assert "--window-size is 2048, but must be no more than num-fft, which is 1024" in problems(
        window_size=2048
    )


@pytest.mark.parametrize("hop", [1024, 1025])
def test_windows_overlap(hop):
    assert "must be less than window-size, which is 1024" in problems(hop_length=hop)


def test_a_default_that_does_not_fit_what_was_given_is_named():
    assert "hop-length is 768, but must be less than window-size, which is 512" in problems(
        window_size=512
    )


def test_a_chunk_holds_a_window():
    # 1024 samples at 44100 Hz are 23.2 ms.
    assert "must be at least 0.0232 s" in problems(chunk_size=0.01)


def test_a_track_is_held_out_once():
    assert "names too: a" in problems(valid_tracks=["a", "b"], test_tracks=["a"])


def test_all_problems_are_found_at_once():
    found = problems(split=2, hop_lenght=4, mono="yes", targets="")
    assert found.startswith("4 settings are wrong")
    assert "did you mean hop-length?" in found


def test_mono_is_one_channel_and_chunks_are_whole_samples():
    assert (DataConfig().channels, DataConfig(mono=False).channels) == (1, 2)
    assert DataConfig(chunk_size=0.1, sample_rate=11025).chunk_samples == 1102


def test_the_section_is_read_without_loading_numbers_or_networks():
    code = (
        "import sys, auralflow.datasets.config; "
        "sys.exit(' '.join({'torch', 'numpy', 'soundfile', 'av', 'soxr'} & set(sys.modules)) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
