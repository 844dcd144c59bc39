"""The demo's composer: exact lengths, sums and levels, and songs that sound like what they claim to be."""

import numpy as np
import pytest

from auralflow.datasets.synthetic import STEMS, compose_song, effects
from auralflow.datasets.synthetic.compose import LOUDNESS_LUFS
from auralflow.datasets.synthetic.loudness import integrated_loudness
from auralflow.datasets.synthetic.song import draw_song
from auralflow.errors import DataError

SECONDS = 20.0


@pytest.fixture(scope="module", params=[0, 7, 21])
def song(request):
    return compose_song(request.param, seconds=SECONDS)


def energy(audio: np.ndarray) -> float:
    return float(np.sum(audio.astype(float) ** 2))


def share_of_energy(audio: np.ndarray, sample_rate: int, low: float, high: float) -> float:
    """Share of the energy between two frequencies in Hz."""
    power = np.sum(np.abs(np.fft.rfft(audio.astype(float))) ** 2, axis=0)
    frequency = np.fft.rfftfreq(audio.shape[-1], 1 / sample_rate)
    return float(power[(frequency >= low) & (frequency < high)].sum() / power.sum())


def test_the_same_seed_gives_the_same_bytes():
    first, second = (compose_song(3, seconds=3.0, sample_rate=22_050) for _ in range(2))
    assert {name: stem.tobytes() for name, stem in first.items()} == {
        name: stem.tobytes() for name, stem in second.items()
    }


def test_a_song_stays_the_same_from_version_to_version():
    # RMS of three thirds of each stem, noted with numpy 2.4.6 on x86-64 when the composer was written. A change here
    # changes every number that was measured on composed songs.
    golden = {
        "drums": [0.1167, 0.1133, 0.1277],
        "bass": [0.1128, 0.1363, 0.1295],
        "other": [0.1373, 0.1646, 0.1569],
        "vocals": [0.1281, 0.1488, 0.0922],
    }
    stems = compose_song(7, seconds=6.0, sample_rate=16_000)
    for name, wanted in golden.items():
        thirds = stems[name].astype(float).reshape(2, 3, -1)
        np.testing.assert_allclose(
            np.sqrt(np.mean(thirds**2, axis=(0, 2))), wanted, rtol=0.02, atol=1e-4, err_msg=name
        )


def test_every_seed_is_another_song():
    songs = [draw_song(seed, samples=441_000, sample_rate=44_100) for seed in range(40)]
    assert len({song.tempo for song in songs}) == 40
    assert len({(song.key, song.bars[0].chords) for song in songs}) > 30
    for name in STEMS:
        stems = [compose_song(seed, seconds=4.0, sample_rate=8000)[name] for seed in range(4)]
        for index, stem in enumerate(stems):
            for other in stems[index + 1 :]:
                alike = abs(np.sum(stem * other)) / np.sqrt(energy(stem) * energy(other) + 1e-12)
                assert alike < 0.5


def test_a_part_does_not_depend_on_how_much_chance_another_used():
    song = draw_song(5, samples=1000, sample_rate=8000)
    song.generator("drums").random(100)
    assert song.generator("bass").random() == song.generator("bass").random()
    assert song.generator("bass").random() != song.generator("drums").random()


@pytest.mark.parametrize("sample_rate", [4000, 8000, 11_025, 48_000])
@pytest.mark.parametrize("seconds", [0.0003, 0.5, 3.14159])
def test_the_length_is_exact_at_any_rate(seconds, sample_rate):
    stems = compose_song(1, seconds=seconds, sample_rate=sample_rate)
    assert tuple(stems) == STEMS
    for stem in stems.values():
        assert stem.shape == (2, round(seconds * sample_rate))
        assert stem.dtype == np.float32
        assert np.isfinite(stem).all()


def test_neither_the_mixture_nor_a_stem_goes_beyond_minus_one_decibel(song):
    for audio in (sum(song.values()), *song.values()):
        assert 0.01 < np.abs(audio).max() <= 10 ** (-1 / 20) + 1e-5


def test_the_mixture_is_as_loud_as_mastered_music(song):
    loudness = integrated_loudness(sum(song.values()), 44_100)
    # A quarter of a decibel for the limiter, whose gain moves within the pieces it is reckoned for.
    assert LOUDNESS_LUFS[0] - 0.25 < loudness < LOUDNESS_LUFS[1] + 0.25


def test_every_stem_sounds_in_both_channels_and_has_no_offset(song):
    for name, stem in song.items():
        assert (np.sqrt(np.mean(stem.astype(float) ** 2, axis=1)) > 0.01).all(), name
        assert np.abs(np.mean(stem.astype(float), axis=1)).max() < 1e-4, name


def test_the_stems_lie_where_their_instruments_do(song):
    assert share_of_energy(song["bass"], 44_100, 30, 250) > 0.7
    assert share_of_energy(song["bass"], 44_100, 30, 600) > 0.9
    assert share_of_energy(song["drums"], 44_100, 5000, 22_050) > 0.03
    assert share_of_energy(song["drums"], 44_100, 30, 250) > 0.3
    # The rest of the band and the voice share a register, so that no filter can tell them apart.
    for name in ("other", "vocals"):
        assert share_of_energy(song[name], 44_100, 150, 2500) > 0.8


def test_the_voice_has_the_level_of_a_pop_mix_while_it_sings(song):
    vocals = song["vocals"].astype(float)
    band = sum(song[name].astype(float) for name in ("drums", "bass", "other"))
    singing = np.abs(vocals).max(axis=0) > 1e-3 * np.abs(vocals).max()
    over_band_db = 10 * np.log10(energy(vocals[:, singing]) / energy(band[:, singing]))
    # The bounds of the level drawn for each song, and what the limiter takes from drums that stick out.
    assert -5.1 < over_band_db < -0.6


def test_the_voice_rests_in_exact_silence_and_sings_most_of_the_time(song):
    silent = np.all(song["vocals"] == 0.0, axis=0)
    assert 0.15 < silent.mean() < 0.45
    # A rest is a stretch, not a zero crossing: the longest lasts more than half a second.
    edges = np.flatnonzero(np.diff(np.concatenate([[0], silent.astype(int), [0]])))
    assert np.max(edges[1::2] - edges[::2]) > 0.5 * 44_100


def test_the_voice_sings_at_pitches_people_sing_at(song):
    vocals = song["vocals"].astype(float).mean(axis=0)
    frames = np.lib.stride_tricks.sliding_window_view(vocals, 4096)[::2048]
    loud = frames[np.sqrt(np.mean(frames**2, axis=1)) > 0.5 * np.sqrt(np.mean(vocals**2))]
    power = np.abs(np.fft.rfft(loud * np.hanning(4096), 8192)) ** 2
    # Below 3 kHz, where consonants are not.
    power[:, 558:] = 0.0
    lags = np.fft.irfft(power)
    periods = 40 + np.argmax(lags[:, 40:900], axis=1)
    pitch = 44_100 / periods
    assert len(pitch) > 50
    # From a bass's low E to a soprano's high C.
    assert np.mean((pitch > 82) & (pitch < 1047)) > 0.95
    # It is sung, not played: there are more pitches than the notes of a scale.
    assert len(np.unique(np.round(12 * np.log2(pitch / 440), 1))) > 15


def test_no_note_begins_or_ends_with_a_click(song):
    # A tone cut off at its peak would step by as much as the peak; these stems have no sound that steep.
    for name, bound in (("bass", 0.2), ("other", 0.45)):
        stem = song[name].astype(float)
        assert np.abs(np.diff(stem)).max() < bound * np.abs(stem).max()
    for stem in song.values():
        assert np.abs(stem[:, -1]).max() < 1e-3


def test_a_song_at_a_low_rate_is_the_same_song(monkeypatch):
    # The rooms are left out: they are noise, which differs from rate to rate.
    monkeypatch.setattr(effects, "_reverberation", lambda *_, **__: np.zeros((2, 8), np.float32))
    low, high = (compose_song(2, seconds=8.0, sample_rate=rate) for rate in (8000, 48_000))
    for name in ("bass", "other", "vocals"):
        # Up to 3 kHz, smoothed over 25 Hz, because breath is noise too.
        heard = [
            np.sqrt(np.mean(np.abs(np.fft.rfft(stem)[: 8 * 3000]).reshape(-1, 200) ** 2, axis=1))
            for stem in (low[name][0], high[name][0])
        ]
        lengths = [np.sqrt(np.sum(spectrum**2)) for spectrum in heard]
        assert np.sum(heard[0] * heard[1]) / (lengths[0] * lengths[1]) > 0.98, name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"seed": -1, "seconds": 1.0}, "seed"),
        ({"seed": 0, "seconds": 0.0}, "no samples"),
        ({"seed": 0, "seconds": 1.0, "sample_rate": 500}, "500 Hz"),
    ],
)
def test_what_cannot_be_composed_is_refused_with_a_remedy(arguments, words):
    with pytest.raises(DataError, match=words):
        compose_song(arguments.pop("seed"), **arguments)
