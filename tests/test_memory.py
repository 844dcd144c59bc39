"""Where large blocks come from while a song is separated, by what glibc itself counts (`man mallinfo2`)."""

import ctypes
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest
import soundfile
from torch import Tensor

from auralflow.memory import keep_freed_memory, returning_freed_memory
from auralflow.separation import SeparationOptions, separate, separate_file
from tests.separation.networks import Function
from tests.separation.sounds import noise

_MIB = 2**20
_FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class _Counted(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS.split()]


def has_own_pages(size: int) -> bool:
    """Whether a block of so many bytes gets pages of its own, once the heap has none to spare."""
    library = ctypes.CDLL(None)
    library.mallinfo2.restype = _Counted
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    library.malloc_trim(0)
    before = library.mallinfo2().hblks
    block = library.malloc(size)
    after = library.mallinfo2().hblks
    library.free(block)
    return bool(after > before)


@pytest.fixture
def glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has used large blocks before, with an allocator whose settings are its own."""
    if not hasattr(ctypes.CDLL(None), "mallinfo2"):
        pytest.skip("the allocator of this system does not say where its blocks come from")
    for variable in ("GLIBC_TUNABLES", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"):
        monkeypatch.delenv(variable, raising=False)
    for _ in range(2):
        has_own_pages(31 * _MIB)


def test_large_blocks_have_their_own_pages_only_inside(
    glibc: None,
) -> None:
    assert not has_own_pages(20 * _MIB)
    with returning_freed_memory():
        assert has_own_pages(20 * _MIB)
        assert not has_own_pages(6 * _MIB)
    assert not has_own_pages(20 * _MIB)
    assert has_own_pages(40 * _MIB)


def test_the_last_of_several_puts_things_back(glibc: None) -> None:
    entered, leave = Event(), Event()

    def other() -> None:
        with returning_freed_memory():
            entered.set()
            leave.wait()

    thread = Thread(target=other)
    with returning_freed_memory():
        thread.start()
        entered.wait()
    assert has_own_pages(20 * _MIB)
    leave.set()
    thread.join()
    assert not has_own_pages(20 * _MIB)


def test_an_error_puts_things_back_too(glibc: None) -> None:
    with pytest.raises(RuntimeError), returning_freed_memory():
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
    glibc: None,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    words: str,
    settled: bool,
) -> None:
    monkeypatch.setenv(variable, words)
    with returning_freed_memory():
        assert has_own_pages(20 * _MIB) is not settled


@pytest.mark.parametrize("missing", [OSError, AttributeError])
def test_another_allocator_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, missing: type[Exception]
) -> None:
    def load(name: None) -> None:
        raise missing(name)

    monkeypatch.setattr(ctypes, "CDLL", load)
    with returning_freed_memory():
        pass
    assert not keep_freed_memory()


KEEP = """
import ctypes
from auralflow.memory import keep_freed_memory, returning_freed_memory
from tests.test_memory import has_own_pages

assert keep_freed_memory()
with returning_freed_memory():
    assert not has_own_pages(20 << 20)
assert not has_own_pages(40 << 20)
"""


def test_a_process_that_keeps_its_memory_goes_on_keeping_it(glibc: None) -> None:
    # In a process of its own: there is no way back.
    subprocess.run([sys.executable, "-c", KEEP], check=True)


@pytest.mark.parametrize("in_memory", [True, False])
def test_it_is_so_while_a_song_is_separated_and_not_afterwards(
    glibc: None, tmp_path: Path, in_memory: bool
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
