import errno
import os
import pickle
import shutil
import struct
import time
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from auralflow.audio import probe, resample
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.store import Store, Work, cache_folder
from auralflow.datasets.store.loudness import block_energies
from auralflow.datasets.store.stored import Samples
from auralflow.datasets.tracks import Recording
from auralflow.errors import AudioError, OutputError
from auralflow.shapes import Audio
from tests.datasets.music import write_track

RATE = 44_100

module: Any = import_module("auralflow.datasets.store.store")


def noise(*, channels: int = 2, samples: int = 30_001, level: float = 0.1, seed: int = 0) -> Audio:
    white = np.random.default_rng(seed).standard_normal((channels, samples))
    audio: Audio = np.clip(level * white, -1, 1 - 2**-15).astype(np.float32)
    return audio


def record(path: Path, audio: Audio, *, rate: int = RATE, **options: str) -> Recording:
    soundfile.write(path, audio.T, rate, **options)
    return Recording(path, None, probe(path))


def whole(stored: Samples) -> np.ndarray:
    """All samples as they lie there, (samples, channels)."""
    samples: np.ndarray = stored.read(0, stored.length)
    return samples


def heard(stored: Samples) -> Audio:
    audio: Audio = (whole(stored) * np.float32(stored.scale)).T
    return audio


def files(store: Store) -> list[Path]:
    """Everything that the store has written."""
    return [path for path in store.folder.rglob("*") if path.is_file()]


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


def test_16_bit_audio_is_kept_bit_for_bit(tmp_path, store):
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


def first_samples(store: Store, recording: Recording, stored: Samples) -> list[int]:
    fresh = store.open(recording)
    assert whole(stored)[:3].tolist() == whole(fresh)[:3].tolist()
    return [int(value) for value in whole(fresh)[:3, 0]]


@pytest.mark.parametrize("method", ["spawn", "fork"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_workers_get_the_place_and_not_the_samples(tmp_path, store, method):
    recording = record(tmp_path / "a.flac", noise(samples=200_000))
    stored = store.open(recording)
    expected = whole(stored)[:3, 0].tolist()
    assert len(pickle.dumps((store, stored))) < 2000
    with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool:
        assert pool.submit(first_samples, store, recording, stored).result() == expected


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


def test_a_file_replaced_by_one_as_large_and_as_old_is_another(tmp_path, store):
    recording = record(tmp_path / "a.wav", noise(seed=1), subtype="PCM_24")
    store.prepare([recording])
    status = recording.path.stat()
    soundfile.write(tmp_path / "a.wav", noise(seed=2).T, RATE, subtype="PCM_24")
    os.utime(recording.path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert recording.path.stat().st_size == status.st_size
    np.testing.assert_allclose(heard(store.open(recording)), noise(seed=2), atol=2**-15)


def test_a_wav_file_that_changes_after_it_was_looked_into_is_refused(tmp_path, store):
    write_track(tmp_path / "data" / "a", "vocals", "bass")
    (recording, _) = open_dataset(tmp_path / "data").tracks[0].recordings
    stored = Store(tmp_path / "cache", sample_rate=recording.info.sample_rate).open(recording)
    os.utime(recording.path)
    with pytest.raises(OSError, match="it has changed meanwhile"):
        stored.read(0, 10)


def test_a_wav_file_that_is_cut_off_while_it_is_open_is_an_error_and_not_the_end(tmp_path, store):
    recording = record(tmp_path / "a.wav", noise(), subtype="PCM_16")
    stored = store.open(recording)
    stored.read(0, 10)
    os.truncate(recording.path, 1000)
    with pytest.raises(OSError, match="it was cut off meanwhile"):
        stored.read(20_000, 30_000)


def test_a_file_above_four_gigabytes_is_read_to_its_end(tmp_path, store):
    """Real RF64: a sparse file, which takes no room, whose last frame is not zero."""
    path = tmp_path / "long.wav"
    frames = 2**30 + 1000
    size = 4 * frames
    fmt = struct.pack("<HHIIHH", 1, 2, RATE, 4 * RATE, 4, 16)
    ds64 = struct.pack("<QQQI", size + 72, size, frames, 0)
    with path.open("wb") as file:
        file.write(b"RF64" + b"\xff" * 4 + b"WAVEds64" + struct.pack("<I", len(ds64)) + ds64)
        file.write(b"fmt " + struct.pack("<I", 16) + fmt + b"data" + b"\xff" * 4)
        file.seek(size - 4, os.SEEK_CUR)
        file.write(struct.pack("<hh", 1234, -1234))
    info = probe(path)
    assert (info.samples, info.channels) == (frames, 2)
    stored = store.open(Recording(path, None, info))
    assert stored.length == frames
    assert stored.read(frames - 2, frames).tolist() == [[0, 0], [1234, -1234]]


@pytest.mark.parametrize("processes", [8])
def test_processes_that_start_at_once_share_the_work(tmp_path, processes):
    recordings = [record(tmp_path / f"{number}.flac", noise(seed=number)) for number in range(12)]
    decoded = tmp_path / "decoded"
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        jobs = [(tmp_path / "cache", recordings, decoded)] * processes
        results = list(pool.map(prepare_and_note, jobs))
    assert results == [{}] * processes
    # Each was decoded once, by one of the processes; a lock that is given up between look and open may cost one more.
    assert 12 <= len(decoded.read_text().splitlines()) <= 14
    store = Store(tmp_path / "cache", sample_rate=RATE)
    assert sorted(path.suffix for path in files(store)) == [".pcm"] * 12
    for number, recording in enumerate(recordings):
        np.testing.assert_allclose(heard(store.open(recording)), noise(seed=number), atol=2**-15)


def prepare_and_note(job: tuple[Path, list[Recording], Path]) -> dict[Recording, AudioError]:
    folder, recordings, decoded = job
    real = module.decode

    def noting(recording: Recording, *places: Path, **options: Any) -> None:
        with decoded.open("a") as file:
            file.write(f"{recording.path.name}\n")
        real(recording, *places, **options)

    module.decode = noting
    try:
        return Store(folder, sample_rate=RATE).prepare(recordings, workers=2)
    finally:
        module.decode = real


def test_what_a_killed_process_was_decoding_is_decoded_by_the_next(tmp_path):
    recordings = [record(tmp_path / f"{number}.flac", noise(seed=number)) for number in range(3)]
    context = get_context("fork")
    started = context.Event()
    process = context.Process(
        target=decode_for_ever, args=(tmp_path / "cache", recordings, started)
    )
    process.start()
    assert started.wait(60)
    process.kill()
    process.join()
    store = Store(tmp_path / "cache", sample_rate=RATE)
    assert [path for path in files(store) if path.suffix == ".pcm"] == []
    assert store.prepare(recordings) == {}
    for number, recording in enumerate(recordings):
        np.testing.assert_allclose(heard(store.open(recording)), noise(seed=number), atol=2**-15)


def decode_for_ever(folder: Path, recordings: list[Recording], started: Any) -> None:
    def stuck(*_: object, **__: object) -> None:
        started.set()
        time.sleep(600)

    module.decode = stuck
    Store(folder, sample_rate=RATE).prepare(recordings)


def test_a_preparation_that_was_broken_off_goes_on_where_it_was(tmp_path, store):
    recordings = [record(tmp_path / f"{number}.flac", noise(seed=number)) for number in range(4)]
    store.prepare(recordings[:3])
    seen: list[tuple[int, int]] = []
    store.prepare(recordings, progress=lambda *now: seen.append(now))
    assert seen == [(1, 1)]


def test_the_cost_is_known_before(tmp_path, store):
    flac = record(tmp_path / "a.flac", noise(samples=44_100))
    wave = record(tmp_path / "b.wav", noise(), subtype="FLOAT")
    plain = record(tmp_path / "c.wav", noise(), subtype="PCM_16")
    assert store.work([flac, wave, plain]) == Work(2, 1.0, 64 + 44_100 * 2 * 2)


def test_a_disk_without_room_is_told_before_anything_is_decoded(tmp_path, store, monkeypatch):
    recording = record(tmp_path / "a.flac", noise())
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(OutputError, match=r"take 0\.0 GB and .* has room for 0\.0 GB: make room"):
        store.prepare([recording])
    assert files(store) == []


def test_within_a_limit_what_was_not_used_for_longest_makes_room(tmp_path):
    size = 64 + 30_001 * 2 * 2
    store = Store(tmp_path / "cache", sample_rate=RATE, limit_bytes=2 * size + 100)
    recordings = [record(tmp_path / f"{number}.flac", noise(seed=number)) for number in range(3)]
    for age, recording in enumerate(recordings[:2]):
        store.prepare([recording])
        (path,) = (path for path in files(store) if path.stat().st_mtime > time.time() - 100)
        os.utime(path, (1000 + age, 1000 + age))
    store.prepare([recordings[2]])
    assert store.size() == 2 * size
    assert [store.cost([recording]) for recording in recordings] == [size, 0, 0]


def test_a_limit_that_is_too_low_is_said(tmp_path):
    store = Store(tmp_path / "cache", sample_rate=RATE, limit_bytes=100_000)
    with pytest.raises(OutputError, match=r"store-limit is 0\.0 GB: raise it, or pass --store off"):
        store.prepare([record(tmp_path / "a.flac", noise())])


def test_one_dataset_can_be_cleared_at_every_rate(tmp_path):
    first, second = (record(tmp_path / f"{name}.flac", noise()) for name in "ab")
    for rate in (RATE, 22_050):
        Store(tmp_path / "cache", sample_rate=rate).prepare([first, second])
    store = Store(tmp_path / "cache", sample_rate=RATE)
    size = store.size()
    assert store.clear([first]) == size // 2
    assert store.cost([first]) > 0
    assert store.cost([second]) == 0
    assert store.clear() == size // 2


def test_levels_are_those_of_each_quarter_of_a_second(tmp_path, store):
    time_ = np.arange(RATE * 2) / RATE
    tone = np.sin(2 * np.pi * 400 * time_).astype(np.float32)
    tone[RATE // 4 : RATE // 2] = 0
    tone[RATE // 2 : RATE] *= 0.01
    recording = record(tmp_path / "a.flac", np.stack([tone, tone])[:, : RATE * 2 - 5000])
    levels = store.levels_of(recording)
    # A sine's mean square is half its peak's: -3.01 dB; in half decibels above -127.5: 249. 40 dB less: 169.
    assert levels.tolist() == [249, 0, 169, 169, 249, 249, 249, 249]
    np.testing.assert_allclose(block_energies(levels)[[0, 1, 2]], [0.5, 0, 5e-5], rtol=0.06)


def test_levels_are_measured_once_and_again_where_the_file_changed(tmp_path, monkeypatch):
    store = Store(tmp_path / "cache", sample_rate=RATE, levels=True)
    recording = record(tmp_path / "a.flac", noise())
    store.prepare([recording])
    assert {path.suffix for path in files(store)} == {".pcm", ".levels"}
    monkeypatch.setattr(module, "measure", None)  # it is not called any more
    assert store.work([recording]) == Work(0, 0, 0)
    store.levels_of(recording)
    os.utime(recording.path)
    assert store.work([recording]).recordings == 1


@pytest.mark.parametrize("rate", [RATE, 22_050, 48_000, 32_000])
def test_without_a_store_spans_are_those_of_the_whole(tmp_path, rate):
    audio = noise(samples=2 * rate)
    path = tmp_path / "a.flac"
    soundfile.write(path, audio.T, rate)
    recording = Recording(path, None, probe(path))
    direct = Store(tmp_path / "cache", sample_rate=RATE, keeps=False)
    assert direct.prepare([recording]) == {}
    assert direct.size() == 0
    whole = heard(Store(tmp_path / "other", sample_rate=RATE).open(recording))
    samples = direct.open(recording)
    assert samples.length == whole.shape[1] == 2 * RATE
    for start, stop in ((0, 1000), (12_345, 54_321), (2 * RATE - 777, 2 * RATE)):
        # Half a last bit of the store, and what a resampler hears beyond its margin.
        np.testing.assert_allclose(samples.read(start, stop).T, whole[:, start:stop], atol=1e-4)
