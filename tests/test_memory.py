"""Where large blocks come from while a song is separated. Each in a process of its own: its heap has no holes yet."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auralflow.memory import keep_freed_memory, returning_freed_memory
from tests.own_pages import can_tell

glibc_only = pytest.mark.skipif(
    not can_tell(), reason="the allocator of this system does not say where its blocks come from"
)

BEFORE = """
from auralflow.memory import keep_freed_memory, returning_freed_memory
from tests.own_pages import MIB, has_own_pages, use_large_blocks
use_large_blocks()
assert not has_own_pages(20 * MIB)
"""


def run(script: str, **variables: str) -> None:
    """Run a script that asserts what it is about."""
    settings = ("GLIBC_TUNABLES", "MALLOC_")
    usual = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    made = subprocess.run(
        [sys.executable, "-c", BEFORE + script],
        env={**usual, **variables},
        check=False,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr


@glibc_only
def test_large_blocks_have_their_own_pages_only_inside() -> None:
    run("""
with returning_freed_memory():
    assert has_own_pages(20 * MIB)
    assert not has_own_pages(3 * MIB)
assert not has_own_pages(20 * MIB)
assert has_own_pages(40 * MIB)
""")


@glibc_only
def test_the_last_of_several_puts_things_back() -> None:
    run("""
from threading import Event, Thread
entered, leave = Event(), Event()

def other():
    with returning_freed_memory():
        entered.set()
        leave.wait()

thread = Thread(target=other)
with returning_freed_memory():
    thread.start()
    entered.wait()
assert has_own_pages(20 * MIB)
leave.set()
thread.join()
assert not has_own_pages(20 * MIB)
""")


@glibc_only
def test_an_error_puts_things_back_too() -> None:
    run("""
try:
    with returning_freed_memory():
        raise RuntimeError
except RuntimeError:
    assert not has_own_pages(20 * MIB)
""")


@glibc_only
@pytest.mark.parametrize(
    ("variable", "words", "settled"),
    [
        ("MALLOC_MMAP_THRESHOLD_", "33554432", True),
        ("GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=33554432", True),
        ("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=512", False),
    ],
)
def test_what_the_environment_says_holds(variable: str, words: str, settled: bool) -> None:
    inside = f"assert has_own_pages(20 * MIB) is not {settled}"
    run(f"with returning_freed_memory(): {inside}", **{variable: words})


@glibc_only
def test_a_process_that_keeps_its_memory_goes_on_keeping_it() -> None:
    run("""
from tests.own_pages import keeps_the_end
assert not keeps_the_end(100 * MIB)
assert keep_freed_memory()
with returning_freed_memory():
    assert not has_own_pages(20 * MIB)
    assert keeps_the_end(100 * MIB)
assert not has_own_pages(40 * MIB)
assert keeps_the_end(100 * MIB)
""")


@pytest.mark.parametrize("missing", [OSError, AttributeError])
def test_another_allocator_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, missing: type[Exception]
) -> None:
    def load(name: None) -> None:
        raise missing(name)

    # What this process has been asked to do counts for the tests after it, too.
    monkeypatch.setattr("auralflow.memory._Process.keeps", False)
    monkeypatch.setattr(ctypes, "CDLL", load)
    with returning_freed_memory():
        pass
    assert not keep_freed_memory()


@glibc_only
@pytest.mark.parametrize("in_memory", [True, False])
def test_it_is_so_while_a_song_is_separated_and_not_afterwards(
    tmp_path: Path, in_memory: bool
) -> None:
    run(f"""
from pathlib import Path
import soundfile
from auralflow.separation import SeparationOptions, separate, separate_file
from tests.separation.networks import Function
from tests.separation.sounds import noise

seen = []
def watched(mixture):
    seen.append(has_own_pages(30 * MIB))
    return mixture

options, folder = SeparationOptions(segment_seconds=0.5), Path({str(tmp_path)!r})
if {in_memory}:
    separate(Function(watched), noise(8000), sample_rate=8000, options=options)
else:
    soundfile.write(folder / "song.wav", noise(8000).T, 8000)
    separate_file(Function(watched), folder / "song.wav", folder / "stems", options=options)
assert seen and all(seen), seen
assert not has_own_pages(30 * MIB)
""")
