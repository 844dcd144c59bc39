"""Tempo and pitch: places, lengths, sums, and what is said where the package is missing."""

import sys

import numpy as np
import pytest
import torch

from auralflow.augment import AugmentConfig, require_libraries
from auralflow.augment.options import PitchConfig, TempoConfig
from auralflow.augment.pitch import change_pitch
from auralflow.augment.stretching import stretch
from auralflow.augment.tempo import change_tempo
from auralflow.errors import MissingExtraError
from tests.augment.cases import config_of, needs_stretch, noise

RATES = [16000, 44100]


def music(rate: int, seconds: float = 2.0) -> torch.Tensor:
    """Three stems in stereo that have little in common: a chord, bursts of noise and a hiss."""
    samples = round(rate * seconds)
    time = torch.arange(samples) / rate
    partials = torch.arange(1, 9)[:, None]
    detuned = torch.tensor([220.0, 220.2])[:, None, None]
    chord = ((2 * torch.pi * detuned * partials * time).sin() / partials).sum(1)
    bursts = noise(2, samples, seed=1) * torch.exp(-((time % 0.25) / 0.02))
    return torch.stack([0.1 * chord, 3 * bursts, 0.2 * noise(2, samples, seed=2)])


def sdr_db(reference: torch.Tensor, estimate: torch.Tensor) -> float:
    error = (reference - estimate).double().square().sum()
    return float(10 * (reference.double().square().sum() / (error + 1e-30)).log10())


def main_hz(channel: torch.Tensor, rate: int) -> float:
    """The frequency of a tone, from the spectrum's highest point and its neighbours."""
    level = torch.fft.rfft(channel.double() * torch.hann_window(len(channel), dtype=torch.float64))
    db = level.abs().log()
    top = int(db.argmax())
    below, at, above = (float(db[top + step]) for step in (-1, 0, 1))
    return (top + 0.5 * (below - above) / (below - 2 * at + above)) * rate / len(channel)


@needs_stretch
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("tempo", [0.7, 0.9, 1.0, 1.1, 1.5])
def test_a_click_is_heard_where_the_tempo_puts_it(tempo, rate):
    places = [0.1, 0.5, 1.0]
    stems = torch.zeros(1, 1, 2 * rate)
    for seconds in places:
        stems[0, 0, round(seconds * rate)] = 1.0
    heard = stretch(stems, sample_rate=rate, tempo=tempo)[0, 0]
    for seconds in places:
        expected = round(seconds / tempo * rate)
        around = heard[max(0, expected - rate // 50) : expected + rate // 50].square()
        offset = float((around * torch.arange(len(around))).sum() / around.sum()) - rate // 50
        # 0.75 ms was measured as the most, and a click is the hardest thing to place.
        assert abs(offset) / rate < 0.002
        assert around.sum() > 0.3


@needs_stretch
def test_neither_tempo_nor_pitch_is_the_identity_to_the_ends():
    stems = music(16000)
    torch.testing.assert_close(stretch(stems, sample_rate=16000), stems, rtol=0, atol=2e-6)


@needs_stretch
@pytest.mark.parametrize("rate", RATES)
def test_tempo_keeps_the_pitch_and_semitones_move_it(rate):
    time = torch.arange(2 * rate) / rate
    stems = (2 * torch.pi * 440 * time).sin()[None, None]
    middle = slice(rate // 2, rate)
    for tempo, semitones in ((0.9, 0.0), (1.2, 0.0), (1.0, 2.0), (1.0, -1.5)):
        heard = stretch(stems, sample_rate=rate, tempo=tempo, semitones=semitones)[0, 0]
        # A cent is 1/1200 of an octave; ears tell about five.
        cents = 1200 * np.log2(main_hz(heard[middle], rate) / (440 * 2 ** (semitones / 12)))
        assert abs(cents) < 5


@needs_stretch
@pytest.mark.parametrize(
    ("tempo", "semitones", "least_db"),
    [(0.9, 0.0, 100), (1.1, 0.0, 100), (1.0, 2.0, 25), (1.0, -2.0, 25)],
)
def test_the_stems_of_an_item_add_up_to_the_mixture_changed_with_them(tempo, semitones, least_db):
    stems = music(44100)
    everything = torch.cat([stems, stems.sum(0, keepdim=True)])
    heard = stretch(everything, sample_rate=44100, tempo=tempo, semitones=semitones)
    assert sdr_db(heard[-1], heard[:-1].sum(0)) > least_db
    # One by one they do not, since the algorithm chooses other phases for each: that is why it is one pass.
    alone = [
        stretch(stem[None], sample_rate=44100, tempo=tempo, semitones=semitones)
        for stem in everything
    ]
    assert sdr_db(alone[-1], sum(alone[:-1], torch.zeros(()))) < 10


@needs_stretch
def test_a_silent_stem_stays_silent_beside_a_loud_one():
    stems = music(16000)
    stems[1] = 0
    heard = stretch(stems, sample_rate=16000, tempo=1.1, semitones=1.0)
    assert torch.equal(heard[1], torch.zeros_like(heard[1]))


@needs_stretch
def test_a_faster_tempo_leaves_silence_at_the_end_and_a_slower_one_does_not():
    stems = 1 + noise(1, 1, 16000)
    fast = stretch(stems, sample_rate=16000, tempo=1.25)[0, 0]
    slow = stretch(stems, sample_rate=16000, tempo=0.8)[0, 0]
    assert torch.equal(fast[12800:], torch.zeros(3200))
    assert fast[12000:12800].abs().mean() > 0.3
    assert slow[-800:].abs().mean() > 0.3


@needs_stretch
def test_numbers_choose_tempo_and_pitch_within_their_ranges():
    stems = music(16000)[None].expand(3, -1, -1, -1).contiguous()
    numbers = torch.zeros(3, 3, 2)
    numbers[:, 0, 1] = torch.tensor([0.0, 0.5, 0.75])
    tempo = TempoConfig(probability=1.0, low=0.8, high=1.2)
    pitch = PitchConfig(probability=1.0, semitones=4.0)
    for item, (factor, semitones) in enumerate(((0.8, -4.0), (1.0, 0.0), (1.1, 2.0))):
        # 1.1 in single width is not 1.1, which the last few samples show.
        torch.testing.assert_close(
            change_tempo(stems, numbers, tempo, 16000)[item],
            stretch(stems[item], sample_rate=16000, tempo=factor),
            rtol=0,
            atol=1e-3,
        )
        torch.testing.assert_close(
            change_pitch(stems, numbers, pitch, 16000)[item],
            stretch(stems[item], sample_rate=16000, semitones=semitones),
            rtol=0,
            atol=1e-3,
        )


@pytest.mark.parametrize("name", ["tempo", "pitch"])
def test_a_missing_package_is_said_early_with_the_command_that_installs_it(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_stretch", None)
    with pytest.raises(MissingExtraError) as caught:
        require_libraries(config_of(name, 0.25))
    assert str(caught.value) == (
        f"augment.{name}.probability is 0.25, but the package python-stretch, which does it, is not installed: "
        'run pip install "auralflow[stretch]"'
    )


def test_nothing_is_missing_where_nothing_needs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "python_stretch", None)
    require_libraries(AugmentConfig())
    require_libraries(config_of("reverb", 1.0))


@needs_stretch
def test_what_is_installed_is_not_missing():
    require_libraries(config_of("tempo", 1.0))
