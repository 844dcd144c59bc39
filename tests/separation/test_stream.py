"""Separating a stream of any rate and channel count."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from numpy import ndarray

from auralflow.errors import ModelError
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.stream import separate_stream
from tests.separation.networks import Function, Gains
from tests.separation.sounds import in_blocks, noise, tone

OPTIONS = SeparationOptions(segment_seconds=0.1, overlap=0.25, batch_size=3)


def separated(
    model: Separator,
    audio: ndarray,
    *,
    sample_rate: int = 8000,
    options: SeparationOptions = OPTIONS,
) -> ndarray:
    blocks = separate_stream(
        model,
        in_blocks(audio),
        sample_rate=sample_rate,
        channels=audio.shape[0],
        options=options,
    )
    return np.concatenate(list(blocks), axis=-1)


@pytest.mark.parametrize("wanted", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 2, 3, 5, 6])
def test_any_channel_count_goes_through_any_network(channels, wanted):
    audio = noise(4321, channels)
    stems = separated(Gains({"vocals": 0.75, "drums": -0.25}, channels=wanted), audio)
    assert stems.shape == (2, channels, 4321)
    np.testing.assert_allclose(stems[0], 0.75 * audio, atol=1e-6)
    np.testing.assert_allclose(stems[1], -0.25 * audio, atol=1e-6)


def test_a_mono_network_hears_each_channel_on_its_own():
    loudest = Function(lambda x: x / x.abs().amax(dim=(1, 2), keepdim=True), channels=1)
    audio = np.stack([np.full(500, 0.5), np.full(500, 0.01)]).astype(np.float32)
    np.testing.assert_allclose(separated(loudest, audio)[0], 1, atol=1e-6)


def test_a_mono_song_is_the_average_of_what_a_stereo_network_says_of_both_sides():
    panned = Function(lambda x: x * torch.tensor([1.0, 0.5])[:, None])
    audio = noise(2000, 1)
    np.testing.assert_allclose(separated(panned, audio)[0], 0.75 * audio, atol=1e-6)


def test_the_last_of_three_channels_is_the_average_of_its_copies():
    panned = Function(lambda x: x * torch.tensor([1.0, 0.5])[:, None])
    audio = noise(2000, 3)
    expected = audio * np.array([[1.0], [0.5], [0.75]], dtype=np.float32)
    np.testing.assert_allclose(separated(panned, audio)[0], expected, atol=1e-6)


def test_many_channels_do_not_make_larger_batches():
    model = Gains(channels=2)
    separated(model, noise(8000, 16))
    assert max(shape[0] for shape in model.shapes) == OPTIONS.batch_size


@pytest.mark.parametrize("samples", [1, 2, 5, 999, 44_100, 44_101])
@pytest.mark.parametrize("sample_rate", [8001, 11_025, 44_100, 96_000, 4000])
def test_every_rate_and_length_comes_back_as_long_as_it_was(samples, sample_rate):
    stems = separated(Gains(), noise(samples), sample_rate=sample_rate)
    assert stems.shape == (2, 2, samples)
    assert np.isfinite(stems).all()


@pytest.mark.parametrize("sample_rate", [11_025, 22_050, 44_100, 48_000])
def test_resampling_there_and_back_keeps_time_and_level(sample_rate):
    audio = tone(2 * sample_rate, sample_rate=sample_rate)
    stems = separated(Gains({"vocals": 1.0}), audio, sample_rate=sample_rate)
    # 440 Hz is far below every cut-off here, so what is left is the ripple of the filters.
    np.testing.assert_allclose(stems[0], audio, atol=2e-4)


def test_the_network_runs_at_its_own_rate():
    model = Gains(sample_rate=16_000)
    separated(model, noise(8000), sample_rate=8000, options=SeparationOptions(segment_seconds=60))
    assert model.shapes == [(1, 2, 16_000)]


def test_stems_come_while_the_song_is_still_being_read():
    read = 0

    def blocks() -> Iterator[ndarray]:
        nonlocal read
        for block in in_blocks(noise(80_000)):
            read += 1
            yield block

    stream = separate_stream(Gains(), blocks(), sample_rate=8000, channels=2, options=OPTIONS)
    next(stream)
    # A batch of three segments of 800 samples that start 600 apart is 2000 samples, one more to know that it goes on.
    assert read == 3


def test_every_module_gets_its_mode_back_even_if_the_stream_is_dropped():
    gains = Gains().train()
    stream = separate_stream(
        gains, in_blocks(noise(20_000)), sample_rate=8000, channels=2, options=OPTIONS
    )
    stem = next(stream)[0]
    assert gains.training
    assert gains.dropout.training
    np.testing.assert_allclose(stem, 0.75 * noise(20_000)[:, : stem.shape[1]], atol=1e-6)

    gains.dropout.eval()
    next(stream)
    assert gains.training
    assert not gains.dropout.training


def test_gradients_are_off_inside_and_as_before_outside():
    seen = []

    def watch(mixture):
        seen.append(torch.is_inference_mode_enabled())
        return mixture

    stream = separate_stream(
        Function(watch), in_blocks(noise(20_000)), sample_rate=8000, channels=2, options=OPTIONS
    )
    next(stream)
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()
    assert seen
    assert all(seen)


@pytest.mark.parametrize("sample_rate", [8000, 44_100])
def test_silence_stays_silence(sample_rate):
    stems = separated(Gains(), np.zeros((2, 9000), np.float32), sample_rate=sample_rate)
    assert not stems.any()


def test_a_stream_of_nothing_gives_nothing():
    assert list(separate_stream(Gains(), [], sample_rate=8000, channels=2)) == []
    assert list(separate_stream(Gains(), [], sample_rate=44_100, channels=2)) == []


def test_a_network_that_answers_with_nan_is_named_with_the_place():
    def breaks(mixture):
        return torch.where(mixture > 0.9, torch.nan, mixture)

    audio = np.zeros((2, 24_000), np.float32)
    audio[0, 16_104] = 1
    with pytest.raises(ModelError, match=r"not finite numbers at 2\.013 s.*earlier checkpoint"):
        separated(Function(breaks), audio)


def test_a_network_that_answers_with_another_shape_is_refused():
    with pytest.raises(ModelError, match="correct its forward"):
        separated(Function(lambda mixture: mixture[:, :1]), noise(100))
