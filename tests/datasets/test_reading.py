"""Whole tracks, lined up block by block."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy import ndarray

from auralflow.audio import resample
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.reading import track_blocks
from auralflow.errors import AudioError
from tests.datasets.music import RATE, noise, write, write_stem_mp4


def whole(root: Path, *names: str, block: int = 1000) -> tuple[ndarray, ndarray]:
    """The mixture and the stems of the first track, joined."""
    blocks = list(track_blocks(open_dataset(root).tracks[0], names, block_samples=block))
    assert all(mixture.shape[1] == block for mixture, _ in blocks[:-1])
    assert all(stems.shape[0] == len(names) for _, stems in blocks)
    mixtures, stems = zip(*blocks, strict=True)
    return np.concatenate(mixtures, axis=1), np.concatenate(stems, axis=2)


@pytest.mark.parametrize("block", [1, 999, 4000, 4001, 100_000])
def test_blocks_of_any_size_join_to_the_same(tmp_path, block):
    seconds = 0.02 if block == 1 else 0.5
    bass, vocals = noise(seconds), noise(seconds, seed=1)
    write(tmp_path / "a" / "bass.wav", bass)
    write(tmp_path / "a" / "vocals.wav", vocals)
    mixture, stems = whole(tmp_path, "vocals", "bass", block=block)
    np.testing.assert_array_equal(stems, [vocals, bass])
    np.testing.assert_array_equal(mixture, bass + vocals)


def test_the_mixture_is_the_tracks_own_where_there_is_one(tmp_path):
    audio = [noise(0.5, seed=seed) for seed in range(3)]
    for stem, samples in zip(("bass", "vocals", "mixture"), audio, strict=True):
        write(tmp_path / "a" / f"{stem}.wav", samples)
    mixture, _ = whole(tmp_path, "vocals")
    np.testing.assert_array_equal(mixture, audio[2])


def test_without_a_mixture_all_stems_are_summed_also_those_not_asked_for(tmp_path):
    audio = [noise(0.5, seed=seed) for seed in range(3)]
    for stem, samples in zip(("bass", "vocals", "horns"), audio, strict=True):
        write(tmp_path / "a" / f"{stem}.wav", samples)
    mixture, stems = whole(tmp_path, "vocals")
    np.testing.assert_allclose(mixture, sum(audio), atol=1e-6)
    assert stems.shape[0] == 1


def test_unequal_lengths_go_on_in_silence_and_a_missing_stem_is_silence(tmp_path):
    bass, vocals = noise(0.5), noise(0.3, seed=1)
    write(tmp_path / "a" / "bass.wav", bass)
    write(tmp_path / "a" / "vocals.wav", vocals)
    mixture, stems = whole(tmp_path, "vocals", "drums")
    padded = np.pad(vocals, ((0, 0), (0, bass.shape[1] - vocals.shape[1])))
    np.testing.assert_array_equal(stems[0], padded)
    assert not stems[1].any()
    np.testing.assert_array_equal(mixture, bass + padded)


def test_mono_beside_stereo_sounds_in_the_middle(tmp_path):
    bass, vocals = noise(0.5, channels=1), noise(0.5, seed=1)
    write(tmp_path / "a" / "bass.wav", bass)
    write(tmp_path / "a" / "vocals.wav", vocals)
    mixture, stems = whole(tmp_path, "bass")
    np.testing.assert_array_equal(stems[0], np.repeat(bass, 2, axis=0))
    np.testing.assert_array_equal(mixture, bass + vocals)


def test_another_rate_is_brought_to_the_tracks_own(tmp_path):
    bass, vocals = noise(3), noise(3, rate=11025, seed=1)
    write(tmp_path / "a" / "bass.wav", bass)
    write(tmp_path / "a" / "vocals.wav", vocals, rate=11025)
    _, stems = whole(tmp_path, "bass", "vocals")
    np.testing.assert_array_equal(stems[0], bass)
    expected = resample(vocals, source=11025, wanted=RATE)
    assert expected.shape == stems[1].shape
    np.testing.assert_allclose(stems[1], expected, atol=1e-5)


def test_the_residual_is_the_mixture_without_its_only_stem(tmp_path):
    vocals, rest = noise(0.5), noise(0.4, seed=1)
    total = vocals.copy()
    total[:, : rest.shape[1]] += rest
    write(tmp_path / "a" / "vocals.wav", vocals)
    write(tmp_path / "a" / "mixture.wav", total)
    mixture, stems = whole(tmp_path, "residual", "vocals")
    np.testing.assert_allclose(stems[0, :, : rest.shape[1]], rest, atol=1e-6)
    np.testing.assert_array_equal(mixture, total)


def test_streams_of_a_container_are_read_in_step(tmp_path):
    time = np.arange(44100) / 44100
    tones = [
        np.tile(0.1 * np.sin(2 * np.pi * pitch * time), (2, 1)).astype(np.float32)
        for pitch in (200, 300, 400, 500)
    ]
    write_stem_mp4(tmp_path / "a.stem.mp4", [np.sum(tones, axis=0), *tones])
    mixture, stems = whole(tmp_path, "drums", "bass", "other", "vocals", block=7777)
    inner = slice(4096, 40000)
    for tone, stem in zip(tones, stems, strict=True):
        similar = np.corrcoef(stem[0, inner], tone[0, inner])[0, 1]
        assert similar > 0.99
    # AAC at its default rate: the error lies 20 dB below the music and more.
    error = mixture[:, inner] - stems.sum(axis=0)[:, inner]
    assert np.square(error).sum() < 0.01 * np.square(mixture[:, inner]).sum()


def test_a_file_that_breaks_in_the_middle_is_named(tmp_path):
    write(tmp_path / "a" / "bass.wav", noise(0.5))
    path = write(tmp_path / "a" / "vocals.wav", noise(0.5, seed=1), subtype="FLOAT")
    audio, _ = soundfile.read(path, dtype="float32")
    audio[3000] = np.nan
    soundfile.write(path, audio, RATE, subtype="FLOAT")
    track = open_dataset(tmp_path).tracks[0]
    with pytest.raises(AudioError, match=r"vocals\.wav"):
        list(track_blocks(track, ["vocals"], block_samples=1000))
