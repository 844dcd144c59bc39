"""The demo's composer: exact lengths, sums and levels, and songs that sound like what they claim to be."""

from functools import partial

import numpy as np
import pytest
import soundfile

from auralflow.audio import AudioWriter
from auralflow.datasets.synthetic import STEMS, compose_song, song_name, write_songs
from auralflow.datasets.synthetic.effects import (
    band_noise,
    fast_length,
    filter_over_time,
    frame_size,
    room,
)
from auralflow.datasets.synthetic.harmony import hertz
from auralflow.datasets.synthetic.song import draw_song
from auralflow.datasets.synthetic.tones import envelope, harmonics, place, tone
from auralflow.datasets.synthetic.tract import glottal_pulses
from auralflow.errors import DataError, OutputError

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
        "drums": [0.0498, 0.0435, 0.0515],
        "bass": [0.0416, 0.0480, 0.0497],
        "other": [0.0447, 0.0586, 0.0600],
        "vocals": [0.0025, 0.0639, 0.0464],
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


def test_neither_the_mixture_nor_a_stem_goes_beyond_nine_tenths(song):
    for audio in (sum(song.values()), *song.values()):
        assert 0.01 < np.abs(audio).max() <= 0.9


def test_every_stem_sounds_in_both_channels_and_has_no_offset(song):
    for name, stem in song.items():
        assert (np.sqrt(np.mean(stem.astype(float) ** 2, axis=1)) > 0.01).all(), name
        assert np.abs(np.mean(stem.astype(float), axis=1)).max() < 1e-4, name


def test_the_stems_lie_where_their_instruments_do(song):
    assert share_of_energy(song["bass"], 44_100, 30, 250) > 0.9
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
    # The bounds of the level drawn for each song.
    assert -4.6 < over_band_db < -1.4


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
    for player in ("bass", "chords", "vocals"):
        monkeypatch.setattr(
            f"auralflow.datasets.synthetic.{player}.room", partial(_dry_room, room=room)
        )
    low, high = (compose_song(2, seconds=8.0, sample_rate=rate) for rate in (8000, 48_000))
    for name in ("bass", "other", "vocals"):
        # Up to 3 kHz, smoothed over 25 Hz, because breath is noise too.
        heard = [
            np.sqrt(np.mean(np.abs(np.fft.rfft(stem)[: 8 * 3000]).reshape(-1, 200) ** 2, axis=1))
            for stem in (low[name][0], high[name][0])
        ]
        lengths = [np.sqrt(np.sum(spectrum**2)) for spectrum in heard]
        assert np.sum(heard[0] * heard[1]) / (lengths[0] * lengths[1]) > 0.98, name


def _dry_room(dry, rng, *, wet, room, **options):
    return room(dry, rng, wet=0.0, **options)


@pytest.mark.parametrize("frequency", [103.0, 997.0, 2093.0])
def test_tones_and_pulses_have_no_partial_folded_at_nyquist(frequency):
    rate, samples = 8000, 8000
    partials = harmonics(1.0, 40.0, count=64)
    sounds = [
        tone(frequency, samples, sample_rate=rate, partials=partials),
        glottal_pulses(np.full(samples, frequency), sample_rate=rate, start=0.3),
    ]
    for sound in sounds:
        power = np.abs(np.fft.rfft(sound)) ** 2
        # One second of whole-numbered frequencies: every partial falls on a bin of its own.
        wanted = np.arange(frequency, 0.45 * rate, frequency).astype(int)
        elsewhere = power.sum() - power[wanted].sum()
        assert elsewhere < 1e-5 * power.sum()
        assert (power[wanted] > 1e-5 * power.sum()).all()


def test_a_tone_above_the_limit_is_silent():
    partials = harmonics(1.0, 5.0)
    assert np.all(tone(3700.0, 100, sample_rate=8000, partials=partials) == 0.0)


def test_an_envelope_starts_and_ends_at_zero():
    level = envelope(800, sample_rate=8000, attack=0.01, settle=0.1, sustain=0.5, release=0.02)
    assert level[0] == level[-1] == 0.0
    assert np.abs(np.diff(level)).max() < 0.05


def test_a_sound_is_cut_at_the_borders_of_its_track():
    track = np.zeros((2, 5))
    place(track, np.ones((2, 4)), -2)
    place(track, 2 * np.ones((2, 4)), 3)
    place(track, np.ones((2, 4)), 9)
    assert track[0].tolist() == [1.0, 1.0, 0.0, 2.0, 2.0]


@pytest.mark.parametrize("samples", [1, 1000, 5000])
def test_a_filter_that_passes_everything_changes_nothing(samples):
    line = np.random.default_rng(0).standard_normal(samples)
    size = frame_size(44_100)
    frames = -(-samples // (size // 2)) + 1
    same = filter_over_time(line, np.ones((frames, size + 1), dtype=complex), sample_rate=44_100)
    np.testing.assert_allclose(same, line, atol=1e-12)


def test_a_room_adds_the_energy_it_is_asked_for():
    click = np.zeros((2, 22_050))
    click[:, 2000] = 1.0
    rng = np.random.default_rng(1)
    wet = room(click, rng, sample_rate=44_100, seconds=0.3, wet=0.25)
    # The response has unit energy before the factor; what lies below 25 Hz is missing from it.
    after = wet[:, 2000 + 300 :]
    np.testing.assert_allclose(np.sum(after.astype(float) ** 2, axis=1), 0.25, rtol=0.05)


def test_a_band_above_nyquist_is_still_heard_below_it():
    noise = band_noise(np.random.default_rng(2), 8000, sample_rate=8000, low=6500.0, high=16_000.0)
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(1.0)
    assert share_of_energy(noise[None], 8000, 1500, 4000) > 0.7


def test_a_band_falls_by_twelve_db_an_octave():
    noise = band_noise(np.random.default_rng(2), 441_000, sample_rate=44_100, low=2000.0, high=1e9)
    densities = [
        share_of_energy(noise[None], 44_100, 0.95 * centre, 1.05 * centre) / centre
        for centre in (500.0, 8000.0)
    ]
    # Two octaves below and above the corner, amplitudes of 1 / (1 + 4**2) and 1 / (1 + 4**-2).
    assert densities[0] / densities[1] == pytest.approx((1 / 16) ** 2, rel=0.15)


@pytest.mark.parametrize("samples", [1, 2, 7, 4097, 882_001])
def test_a_fast_length_is_the_next_product_of_two_three_and_five(samples):
    def rough(number: int) -> bool:
        for prime in (2, 3, 5):
            while number % prime == 0:
                number //= prime
        return number == 1

    wanted = next(number for number in range(samples, 3 * samples) if rough(number))
    assert fast_length(samples) == wanted


def test_notes_have_their_standard_frequencies():
    assert hertz(69) == 440.0
    assert hertz(60) == pytest.approx(261.6256, abs=1e-4)


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


def test_song_names_are_unique_and_fit_every_file_system():
    names = [song_name(seed) for seed in range(3000)]
    assert len(set(names)) == 3000
    assert len({name[5:] for name in names[:1763]}) == 1763
    assert all(part.isalnum() for name in names for part in name.split(" "))


def test_songs_are_written_as_stems_that_sum_to_the_mixture(tmp_path):
    folders = write_songs(tmp_path / "music", songs=[4, 11], seconds=2.0, sample_rate=16_000)
    assert folders == [tmp_path / "music" / song_name(seed) for seed in (4, 11)]
    for seed, folder in zip((4, 11), folders, strict=True):
        files = {path.stem: soundfile.read(path, always_2d=True) for path in folder.iterdir()}
        assert set(files) == {*STEMS, "mixture"}
        assert {rate for _, rate in files.values()} == {16_000}
        stems = sum(files[name][0] for name in STEMS)
        # Each of the five files is rounded to 16 bit, half a step at most.
        np.testing.assert_allclose(files["mixture"][0], stems, atol=3 / 32_768)
        composed = compose_song(seed, seconds=2.0, sample_rate=16_000)["drums"]
        np.testing.assert_allclose(files["drums"][0].T, composed, atol=1.5 / 32_768)
    assert soundfile.info(folders[0] / "drums.wav").subtype == "PCM_16"


def test_an_existing_song_is_replaced_only_with_force(tmp_path):
    (folder,) = write_songs(tmp_path, songs=[4], seconds=0.2, sample_rate=8000)
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="exists already"):
        write_songs(tmp_path, songs=[3, 4], seconds=0.4, sample_rate=8000)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    write_songs(tmp_path, songs=[4], seconds=0.4, sample_rate=8000, force=True)
    assert soundfile.info(folder / "mixture.wav").frames == 3200
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_song_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(self, block):
        raise OutputError("the disk is full: free some space")

    monkeypatch.setattr(AudioWriter, "write", full)
    with pytest.raises(OutputError, match="full"):
        write_songs(tmp_path, songs=[4], seconds=0.2, sample_rate=8000)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "music").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        write_songs(tmp_path / "music", songs=[4], seconds=0.2, sample_rate=8000)
