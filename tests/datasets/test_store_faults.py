"""The sample store where something goes wrong, or happens at once: never stale, never half, never twice."""

import os
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

from auralflow.audio import probe
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.store import Store, Work
from auralflow.datasets.store.loudness import block_energies
from auralflow.datasets.tracks import Recording
from auralflow.errors import AudioError, OutputError
from tests.datasets.music import write_track
from tests.datasets.storing import RATE, files, heard, noise, record

module: Any = import_module("auralflow.datasets.store.store")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache", sample_rate=RATE)


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


def test_what_another_process_removes_meanwhile_does_not_end_the_clearing(
    tmp_path, store, monkeypatch
):
    recordings = [record(tmp_path / f"{number}.flac", noise(seed=number)) for number in range(4)]
    store.prepare(recordings)
    listed = list(store._files())
    listed[0].unlink()
    monkeypatch.setattr(store, "_files", lambda: iter(listed))
    assert store.clear() == 3 * (64 + 30_001 * 2 * 2)
    assert not any(path.exists() for path in listed)
