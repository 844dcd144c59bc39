"""Where large blocks come from while a song is separated, by what glibc itself counts (`man mallinfo2`)."""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import soundfile
from torch import Tensor

from auralflow.separation import SeparationOptions, separate, separate_file
from auralflow.separation.heap import tidy_heap
from tests.separation.networks import Function
from tests.separation.sounds import noise

_MIB = 2**20
_FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class _Counted(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS.split()]


def _glibc() -> Any:
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        pytest.skip("the allocator of this system does not say where its blocks come from")
    library.mallinfo2.restype = _Counted
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    return library


@pytest.fixture
def has_own_pages(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], bool]:
    """Whether a block of so many bytes gets pages of its own, in a process that has used large ones before."""
    for variable in ("GLIBC_TUNABLES", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"):
        monkeypatch.delenv(variable, raising=False)
    library = _glibc()

    def asked(size: int) -> bool:
        library.malloc_trim(0)
        before = library.mallinfo2().hblks
        block = library.malloc(size)
        after = library.mallinfo2().hblks
        library.free(block)
        return bool(after > before)

    for _ in range(2):
        asked(31 * _MIB)
    return asked


def test_large_blocks_have_their_own_pages_only_inside(
    has_own_pages: Callable[[int], bool],
) -> None:
    assert not has_own_pages(20 * _MIB)
    with tidy_heap():
        assert has_own_pages(20 * _MIB)
        assert not has_own_pages(6 * _MIB)
    assert not has_own_pages(20 * _MIB)
    assert has_own_pages(40 * _MIB)


def test_the_last_of_several_puts_things_back(has_own_pages: Callable[[int], bool]) -> None:
    entered, leave = Event(), Event()

    def other() -> None:
        with tidy_heap():
            entered.set()
            leave.wait()

    thread = Thread(target=other)
    with tidy_heap():
        thread.start()
        entered.wait()
    assert has_own_pages(20 * _MIB)
    leave.set()
    thread.join()
    assert not has_own_pages(20 * _MIB)


def test_an_error_puts_things_back_too(has_own_pages: Callable[[int], bool]) -> None:
    with pytest.raises(RuntimeError), tidy_heap():
        raise RuntimeError
    assert not has_own_pages(20 * _MIB)


@pytest.mark.parametrize(
    ("variable", "words", "settled"),
    [
        ("MALLOC_MMAP_THRESHOLD_", "33554432", True),
        ("GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=33554432", True),
        ("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=512", False),
    ],
)
def test_what_the_environment_says_holds(
    has_own_pages: Callable[[int], bool],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    words: str,
    settled: bool,
) -> None:
    monkeypatch.setenv(variable, words)
    with tidy_heap():
        assert has_own_pages(20 * _MIB) is not settled


def test_another_allocator_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> str:
        raise ValueError(name)

    monkeypatch.setattr(os, "confstr", unknown)
    with tidy_heap():
        pass


@pytest.mark.parametrize("in_memory", [True, False])
def test_it_is_so_while_a_song_is_separated_and_not_afterwards(
    has_own_pages: Callable[[int], bool], tmp_path: Path, in_memory: bool
) -> None:
    seen = []

    def watched(mixture: Tensor) -> Tensor:
        seen.append(has_own_pages(20 * _MIB))
        return mixture

    options = SeparationOptions(segment_seconds=0.5)
    if in_memory:
        separate(Function(watched), noise(8000), sample_rate=8000, options=options)
    else:
        soundfile.write(tmp_path / "song.wav", noise(8000).T, 8000)
        separate_file(Function(watched), tmp_path / "song.wav", tmp_path / "stems", options=options)
    assert seen
    assert all(seen)
    assert not has_own_pages(20 * _MIB)
