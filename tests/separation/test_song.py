"""One song to files of stems."""

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from numpy import ndarray
from torch import Tensor

from auralflow.audio import AudioWriter, Encoding
from auralflow.errors import AudioError, ConfigError, ModelError, OutputError
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.song import separate_file
from tests.separation.networks import Function, Gains
from tests.separation.sounds import noise

OPTIONS = SeparationOptions(segment_seconds=0.5)


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "A song, naïve 歌.wav"
    soundfile.write(path, noise(200_003).T, 8000, subtype="FLOAT")
    return path


def load(path: Path) -> tuple[ndarray, int]:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.T, rate


def everything_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_song_becomes_one_file_per_target_and_the_residual(song, tmp_path):
    result = separate_file(Gains(), song, tmp_path / "stems", options=OPTIONS)
    assert everything_below(tmp_path / "stems") == ["drums.wav", "residual.wav", "vocals.wav"]
    assert result.files["vocals"] == tmp_path / "stems" / "vocals.wav"
    assert result.seconds == 200_003 / 8000
    assert soundfile.info(result.files["vocals"]).subtype == "FLOAT"
    mixture, _ = load(song)
    for name, gain in {"vocals": 0.75, "drums": -0.25, "residual": 0.5}.items():
        stem, rate = load(result.files[name])
        assert rate == 8000
        np.testing.assert_allclose(stem, gain * mixture, atol=1e-6)


def test_without_residual_there_is_none(song, tmp_path):
    separate_file(Gains(), song, tmp_path / "stems", residual=False, options=OPTIONS)
    assert everything_below(tmp_path / "stems") == ["drums.wav", "vocals.wav"]


@pytest.mark.parametrize(("rate", "channels"), [(11_025, 1), (44_100, 3), (8000, 2), (96_000, 2)])
def test_stems_have_the_songs_rate_channels_and_length_and_sum_to_it(tmp_path, rate, channels):
    mixture = noise(70_001, channels)
    song = tmp_path / "song.wav"
    soundfile.write(song, mixture.T, rate, subtype="FLOAT")
    result = separate_file(Gains(), song, tmp_path / "stems", options=OPTIONS)
    stems = {name: load(path) for name, path in result.files.items()}
    assert {stem[1] for stem in stems.values()} == {rate}
    assert {stem[0].shape for stem in stems.values()} == {mixture.shape}
    np.testing.assert_allclose(sum(stem[0] for stem in stems.values()), mixture, atol=1e-6)


@pytest.mark.parametrize(
    ("encoding", "subtype", "deviation_db"),
    [
        # Being off by up to a step of q, whether rounded or cut, leaves at most q² / 3; the noise has 0.375² / 3.
        (Encoding("wav", 16), "PCM_16", -81.7),
        (Encoding("wav", 24), "PCM_24", -129.9),
        (Encoding("flac", 24), "PCM_24", -129.9),
        # White noise is the worst there is for these: they do not follow its wave, only its spectrum.
        (Encoding("ogg", 16), "VORBIS", -5),
        (Encoding("mp3", 16), "MPEG_LAYER_III", -5),
    ],
)
def test_stems_come_in_the_encoding_asked_for(song, tmp_path, encoding, subtype, deviation_db):
    result = separate_file(Gains(), song, tmp_path / "out", encoding=encoding, options=OPTIONS)
    vocals = result.files["vocals"]
    assert vocals.suffix == f".{encoding.format}"
    assert soundfile.info(vocals).subtype == subtype
    exact = 0.75 * load(song)[0]
    deviation = load(vocals)[0] - exact
    assert 10 * np.log10(np.mean(deviation**2) / np.mean(exact**2)) < deviation_db


LOUD = {"vocals": 3.0, "drums": -0.5}
"""Noise up to 0.5 becomes vocals up to 1.5 and a residual of -1.5 times the mixture, up to 0.75."""


def test_float_files_keep_samples_beyond_full_scale(song, tmp_path):
    result = separate_file(Gains(LOUD), song, tmp_path / "out", options=OPTIONS)
    mixture, _ = load(song)
    vocals, _ = load(result.files["vocals"])
    np.testing.assert_allclose(vocals, 3 * mixture, atol=1e-6)
    assert result.overs == np.count_nonzero(np.abs(vocals) > 1)
    assert result.peak == np.abs(vocals).max()
    assert result.gain == 1


@pytest.mark.parametrize("overs", ["auto", "clip"])
def test_integer_files_are_clipped_at_full_scale_and_that_is_counted(song, tmp_path, overs):
    result = separate_file(
        Gains(LOUD), song, tmp_path / "out", encoding=Encoding("wav", 24), overs=overs,
        options=OPTIONS,
    )  # fmt: skip
    exact = 3 * load(song)[0]
    vocals, _ = load(result.files["vocals"])
    np.testing.assert_allclose(vocals, np.clip(exact, -1, 1), atol=2**-22)
    assert result.overs == np.count_nonzero(np.abs(exact) > 1)
    assert result.peak == pytest.approx(np.abs(exact).max(), rel=1e-6)


def test_float_files_are_clipped_where_that_is_asked_for(song, tmp_path):
    result = separate_file(Gains(LOUD), song, tmp_path / "out", overs="clip", options=OPTIONS)
    assert np.abs(load(result.files["vocals"])[0]).max() == 1


@pytest.mark.parametrize("encoding", [Encoding("wav", 32), Encoding("flac", 24)])
def test_rescaling_takes_one_factor_for_all_so_that_the_stems_still_sum(song, tmp_path, encoding):
    result = separate_file(
        Gains(LOUD), song, tmp_path / "out", encoding=encoding, overs="rescale", options=OPTIONS
    )
    stems = {name: load(path)[0] for name, path in result.files.items()}
    mixture, _ = load(song)
    assert result.gain == pytest.approx(1 / (3 * np.abs(mixture).max()), rel=1e-6)
    assert max(np.abs(stem).max() for stem in stems.values()) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(sum(stems.values()), result.gain * mixture, atol=1e-6)
    np.testing.assert_allclose(stems["drums"], -0.5 * result.gain * mixture, atol=1e-6)
    assert everything_below(tmp_path / "out") == sorted(path.name for path in result.files.values())


def test_rescaling_leaves_stems_within_full_scale_as_they_are(song, tmp_path):
    result = separate_file(Gains(), song, tmp_path / "out", overs="rescale", options=OPTIONS)
    assert result.gain == 1
    np.testing.assert_allclose(load(result.files["vocals"])[0], 0.75 * load(song)[0], atol=1e-6)


def test_a_disk_that_is_full_while_rescaling_is_an_output_error(song, tmp_path, monkeypatch):
    def full(self, mode="r", *args):
        if mode == "wb":
            raise OSError(28, "No space left on device")
        return opened(self, mode, *args)

    opened = Path.open
    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OutputError, match=r"\(No space left on device\): free some space"):
        separate_file(Gains(), song, tmp_path / "out", overs="rescale", options=OPTIONS)
    assert everything_below(tmp_path) == [song.name]


def test_keeping_what_the_format_cannot_hold_is_refused(song, tmp_path):
    for encoding, name in [(Encoding("flac", 16), "16 bit flac"), (Encoding("mp3", 16), "but mp3")]:
        with pytest.raises(ConfigError, match=name):
            separate_file(Gains(), song, tmp_path / "out", encoding=encoding, overs="keep")
    assert everything_below(tmp_path) == [song.name]


def test_existing_files_are_written_over_with_force_only(song, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "drums.wav").write_text("precious")
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"drums\.wav exists already: pass --force"):
        separate_file(Gains(), song, folder, options=OPTIONS)
    assert (folder / "drums.wav").read_text() == "precious"
    separate_file(Gains(), song, folder, force=True, options=OPTIONS)
    assert load(folder / "drums.wav")[0].shape == (2, 200_003)
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_song_is_never_written_over_by_its_own_stem(tmp_path):
    song = tmp_path / "vocals.wav"
    soundfile.write(song, noise(100).T, 8000)
    with pytest.raises(OutputError, match="by one of its own stems"):
        separate_file(Gains(), song, tmp_path, force=True)


class StopsAfter:
    """A network's function that fails at the second call."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.calls = error, 0

    def __call__(self, mixture: Tensor) -> Tensor:
        self.calls += 1
        if self.calls == 2:
            raise self.error
        return mixture


@pytest.mark.parametrize("overs", ["keep", "rescale"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_nothing_is_left_after_an_interruption(song, tmp_path, error, overs):
    model = Function(StopsAfter(error()))
    with pytest.raises(error):
        separate_file(model, song, tmp_path / "deep" / "out", overs=overs, options=OPTIONS)
    assert everything_below(tmp_path) == [song.name]


def test_files_that_were_to_be_replaced_are_still_there_after_a_failure(song, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "vocals.wav").write_text("precious")
    model = Function(StopsAfter(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        separate_file(model, song, folder, force=True, options=OPTIONS)
    assert everything_below(folder) == ["vocals.wav"]
    assert (folder / "vocals.wav").read_text() == "precious"


def test_a_disk_that_fills_up_leaves_nothing(song, tmp_path, monkeypatch):
    write = AudioWriter.write

    def full(self, block):
        write(self, block)
        raise OutputError("the disk is full")

    monkeypatch.setattr(AudioWriter, "write", full)
    with pytest.raises(OutputError, match="full"):
        separate_file(Gains(), song, tmp_path / "out", options=OPTIONS)
    assert everything_below(tmp_path) == [song.name]


def test_a_network_that_answers_with_nan_leaves_nothing(song, tmp_path):
    model = Function(lambda mixture: mixture * torch.nan)
    with pytest.raises(ModelError, match="not finite"):
        separate_file(model, song, tmp_path / "out", options=OPTIONS)
    assert everything_below(tmp_path) == [song.name]


def test_a_format_that_cannot_hold_the_song_is_named_before_anything_is_computed(tmp_path):
    song = tmp_path / "song.wav"
    soundfile.write(song, noise(100, 3).T, 8000)
    model = Gains()
    with pytest.raises(AudioError, match=r"song\.wav cannot be written: mp3 holds at most 2"):
        separate_file(model, song, tmp_path / "out", encoding=Encoding("mp3", 16))
    assert model.shapes == []


def test_a_target_called_residual_is_refused(song, tmp_path):
    model = Gains({"residual": 1.0})
    with pytest.raises(ConfigError, match="--no-residual"):
        separate_file(model, song, tmp_path / "out")
    separate_file(model, song, tmp_path / "out", residual=False, options=OPTIONS)


def test_progress_rises_to_the_length_of_the_song(song, tmp_path):
    seen = []
    separate_file(
        Gains(), song, tmp_path / "out", options=OPTIONS,
        progress=lambda source, done, total: seen.append((source, done, total)),
    )  # fmt: skip
    done = [entry[1] for entry in seen]
    assert done == sorted(set(done))
    assert len(done) > 10
    assert seen[-1] == (song, 200_003, 200_003)


@pytest.mark.parametrize("overs", ["auto", "rescale"])
def test_no_block_of_stems_stays_in_memory_while_the_next_one_is_computed(
    song, tmp_path, monkeypatch, overs
):
    levels: list[int] = []

    def settled(limit: float) -> int:
        for _ in range(300):
            level = tracemalloc.get_traced_memory()[0]
            if level < limit:
                break
            time.sleep(0.01)  # Until it is written.
        return level

    def stream(_, blocks, **__):
        for block in list(blocks):
            levels.append(settled(levels[0] + 0.5e6 if levels else np.inf))
            # 2.1 MB, of which 3.1 MB are made that are written.
            yield np.zeros((2, *block.shape), np.float32)

    kinds = {"encoding": Encoding("wav", 16), "overs": overs, "options": OPTIONS}
    separate_file(Gains(), song, tmp_path / "once", **kinds)  # With all that it imports.
    monkeypatch.setattr("auralflow.separation.song.separate_stream", stream)
    tracemalloc.start()
    try:
        separate_file(Gains(), song, tmp_path / "stems", **kinds)
    finally:
        tracemalloc.stop()
    assert len(levels) == 4
    assert max(levels) < levels[0] + 0.5e6
