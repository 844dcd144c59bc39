import errno
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import soundfile

from auralflow.audio import probe, resample
from auralflow.datasets.store import Store, cache_folder
from auralflow.datasets.tracks import Recording
from auralflow.errors import AudioError, OutputError
from tests.datasets.storing import RATE, files, heard, noise, record, whole


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache", sample_rate=RATE)


@pytest.mark.parametrize(
    ("format_", "subtype", "dtype", "error"),
    [
        ("WAV", "PCM_16", np.int16, 2**-15),
        ("WAV", "PCM_32", np.int32, 2**-24),
        ("WAV", "FLOAT", np.float32, 0),
        ("WAVEX", "PCM_16", np.int16, 2**-15),
        ("WAVEX", "FLOAT", np.float32, 0),
        ("RF64", "PCM_16", np.int16, 2**-15),
        ("RF64", "FLOAT", np.float32, 0),
    ],
)
def test_wav_is_used_where_it_lies(tmp_path, store, format_, subtype, dtype, error):
    audio = noise()
    recording = record(tmp_path / "a.wav", audio, format=format_, subtype=subtype)
    assert store.cost([recording]) == 0
    assert store.prepare([recording]) == {}
    stored = store.open(recording)
    assert stored.path == recording.path
    assert whole(stored).dtype == dtype
    # libsndfile wrote the test's file, rounding down by up to one last bit.
    np.testing.assert_allclose(heard(stored), audio, atol=error)
    assert store.size() == 0


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", {"subtype": "PCM_24"}),
        ("a.wav", {"subtype": "DOUBLE"}),
        ("a.flac", {"subtype": "PCM_24"}),
        ("a.aiff", {"subtype": "PCM_24"}),
    ],
)
@pytest.mark.parametrize("level", [0.25, 1e-4])
def test_what_is_decoded_is_as_exact_as_16_bits_at_its_own_level(
    tmp_path, store, name, options, level
):
    audio = noise(level=level)
    recording = record(tmp_path / name, audio, **options)
    cost = store.cost([recording])
    assert store.prepare([recording]) == {}
    assert store.size() == cost == 64 + 30_001 * 2 * 2
    assert store.cost([recording]) == 0
    stored = store.open(recording)
    assert whole(stored).dtype == np.int16
    assert whole(stored).shape == (30_001, 2)
    # Half a step of 16 bits over twice the peak, and a last bit of 24 from the file itself.
    peak = float(np.abs(audio).max())
    np.testing.assert_allclose(heard(stored), audio, atol=peak * 2**-15 + 2**-23)


@pytest.mark.parametrize("block", [1 << 18, 1000])
def test_16_bit_audio_is_kept_bit_for_bit(tmp_path, store, monkeypatch, block):
    monkeypatch.setattr("auralflow.datasets.store.decoding._BLOCK", block)
    audio = noise(level=0.02)
    audio[0, 7] = -1  # the one value that only the negative side has
    words = np.round(audio * 32768).astype(np.int16)
    soundfile.write(tmp_path / "a.flac", words.T, RATE)
    stored = store.open(Recording(tmp_path / "a.flac", None, probe(tmp_path / "a.flac")))
    assert stored.scale == 2**-15
    np.testing.assert_array_equal(whole(stored).T, words)


def test_what_goes_beyond_full_scale_does_not_clip(tmp_path, store):
    audio = noise(level=0.5) * 5
    recording = record(tmp_path / "a.wav", audio, subtype="DOUBLE")
    stored = store.open(recording)
    np.testing.assert_allclose(heard(stored), audio, atol=4 * 2**-15)


def test_silence_stays_silence(tmp_path, store):
    stored = store.open(record(tmp_path / "a.flac", np.zeros((1, 5000), np.float32)))
    assert not whole(stored).any()
    assert np.isfinite(stored.scale)


@pytest.mark.parametrize("rate", [22_050, 48_000])
def test_other_rates_are_resampled(tmp_path, store, rate):
    audio = noise(samples=rate)
    recording = record(tmp_path / "a.wav", audio, rate=rate, subtype="FLOAT")
    stored = store.open(recording)
    expected = resample(audio, source=rate, wanted=RATE)
    assert whole(stored).shape == (RATE, 2)
    np.testing.assert_allclose(heard(stored), expected, atol=2**-15)


def test_a_replaced_recording_is_never_served_stale(tmp_path, store):
    first, second = noise(seed=1), noise(seed=2)
    # 24 bits have to be decoded, and the file that replaces it is as long.
    recording = record(tmp_path / "a.wav", first, subtype="PCM_24")
    store.prepare([recording])
    size = store.size()
    soundfile.write(tmp_path / "a.wav", second.T, RATE, subtype="PCM_24")
    os.utime(tmp_path / "a.wav", ns=(1, time.time_ns() + 1_000_000))
    assert store.cost([recording]) > 0
    np.testing.assert_allclose(heard(store.open(recording)), second, atol=2**-15)
    assert store.size() == size  # what it was before is gone


@pytest.mark.parametrize("damage", ["cut", "longer", "empty", "foreign"])
def test_a_damaged_file_of_the_cache_is_made_anew(tmp_path, store, damage):
    audio = noise()
    recording = record(tmp_path / "a.flac", audio)
    store.prepare([recording])
    (cached,) = files(store)
    content = cached.read_bytes()
    spoiled = {
        "cut": content[:-2],
        "longer": content + b"\0\0",
        "empty": b"",
        "foreign": b"x" * len(content),
    }
    cached.write_bytes(spoiled[damage])
    np.testing.assert_allclose(heard(store.open(recording)), audio, atol=2**-15)
    assert cached.read_bytes() == content


@pytest.mark.parametrize("workers", [1, 4])
def test_every_broken_recording_is_reported_and_the_others_are_ready(tmp_path, store, workers):
    good = [record(tmp_path / f"{i}.flac", noise(seed=i)) for i in range(6)]
    cut = record(tmp_path / "cut.flac", noise())
    cut.path.write_bytes(cut.path.read_bytes()[:20_000])
    gone = record(tmp_path / "gone.flac", noise())
    gone.path.unlink()
    loud = noise()
    loud[1, 22_050] = np.inf
    infinite = record(tmp_path / "infinite.wav", loud, subtype="DOUBLE")
    mapped = record(tmp_path / "mapped.wav", loud, subtype="FLOAT")
    broken = [cut, gone, infinite, mapped]
    seen: list[tuple[int, int]] = []
    failures = store.prepare(
        [*good, *broken, *good], workers=workers, progress=lambda *now: seen.append(now)
    )
    assert set(failures) == set(broken)
    for recording, error in failures.items():
        assert isinstance(error, AudioError)
        assert recording.path.name in str(error)
    assert "0.500 s" in str(failures[infinite])
    assert "0.500 s" in str(failures[mapped])
    assert seen == [(done, 10) for done in range(1, 11)]
    assert store.cost(good) == 0
    assert {path.suffix for path in files(store)} == {".pcm"}


def test_floating_point_is_looked_through_once(tmp_path, store):
    recording = record(tmp_path / "a.wav", noise(), subtype="FLOAT")
    seen: list[tuple[int, int]] = []
    for _ in range(2):
        assert store.prepare([recording], progress=lambda *now: seen.append(now)) == {}
    assert seen == [(1, 1)]


def test_each_stream_of_a_container_has_samples_of_its_own(tmp_path, store):
    """Two recordings of one path; uncompressed in Matroska, so that they can be told apart exactly."""
    av = pytest.importorskip("av")
    path = tmp_path / "two.mka"
    tones = [noise(seed=3), noise(seed=4)]
    with av.open(str(path), "w") as container:
        encoders = [container.add_stream("pcm_f32le", rate=RATE, layout="stereo") for _ in tones]
        for encoder, tone in zip(encoders, tones, strict=True):
            packed = np.ascontiguousarray(tone.T).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
            frame.sample_rate, frame.pts = RATE, 0
            for packet in [*encoder.encode(frame), *encoder.encode(None)]:
                container.mux(packet)
    recordings = [Recording(path, k, probe(path, stream=k)) for k in (0, 1)]
    assert store.prepare(recordings, workers=2) == {}
    for recording, tone in zip(recordings, tones, strict=True):
        np.testing.assert_allclose(heard(store.open(recording)), tone, atol=2**-15)


def test_many_may_prepare_the_same_recording_at_once(tmp_path):
    recording = record(tmp_path / "a.flac", noise(samples=100_000))
    stores = [Store(tmp_path / "cache", sample_rate=RATE) for _ in range(4)]
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as pool:
        results = list(pool.map(Store.prepare, stores, [[recording]] * 4))
    assert results == [{}] * 4
    assert [path.suffix for path in files(stores[0])] == [".pcm"]
    np.testing.assert_allclose(
        heard(stores[0].open(recording)), noise(samples=100_000), atol=2**-15
    )


def test_rates_do_not_share_files(tmp_path):
    recording = record(tmp_path / "a.flac", noise())
    for rate in (RATE, 22_050):
        Store(tmp_path / "cache", sample_rate=rate).prepare([recording])
    for rate, samples in ((RATE, 30_001), (22_050, 15_000)):
        stored = Store(tmp_path / "cache", sample_rate=rate).open(recording)
        assert len(whole(stored)) == samples


def test_the_store_can_be_cleared_while_it_is_in_use(tmp_path, store):
    recording = record(tmp_path / "a.flac", noise())
    stored = store.open(recording)
    before = whole(stored)
    store.clear()
    assert store.size() == 0
    np.testing.assert_array_equal(whole(stored), before)
    np.testing.assert_array_equal(whole(store.open(recording)), before)


def test_an_empty_store_has_no_size_and_clears(store):
    assert store.size() == 0
    store.clear()
    assert store.prepare([]) == {}


def test_a_cache_that_cannot_be_written_says_how_to_name_another(tmp_path, monkeypatch):
    recording = record(tmp_path / "a.flac", noise())
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "cache", sample_rate=RATE)
    with pytest.raises(OutputError, match="set AURALFLOW_CACHE"):
        store.prepare([recording])

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    store = Store(tmp_path / "cache", sample_rate=RATE)
    with pytest.raises(OutputError, match="No space left on device"):
        store.prepare([recording])
    assert files(store) == []


def test_the_cache_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("AURALFLOW_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == tmp_path / ".cache" / "auralflow" / "samples"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "auralflow" / "samples"
    monkeypatch.setenv("AURALFLOW_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own" / "samples"
    assert Store(sample_rate=RATE).folder == tmp_path / "own" / "samples"
