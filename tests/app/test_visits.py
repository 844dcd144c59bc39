"""Files are kept as long as somebody has the page open, and not longer."""

from pathlib import Path

import pytest

from auralflow.app.results import Result
from auralflow.app.visits import Stopped, Visits
from auralflow.errors import SessionError


def result_in(folder: Path, name: str = "vocals.wav") -> Result:
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"sound")
    return Result(folder, "Song", "net", {"vocals": folder / name})


def test_who_leaves_takes_their_files_along_and_nobody_elses(tmp_path):
    visits = Visits(tmp_path / "visits")
    shared, own = tmp_path / "shared.wav", tmp_path / "own.wav"
    for path in (shared, own):
        path.write_bytes(b"song")
    one, other = visits.of("one"), visits.of("other")
    one.uploads |= {shared, own}
    other.uploads |= {shared}
    one.keep(result_in(one.new_folder()))
    other.keep(result_in(other.new_folder()))
    visits.leave("one")
    assert (own.exists(), shared.exists()) == (False, True)
    assert (one.folder.exists(), other.folder.exists()) == (False, True)
    visits.close()
    assert (shared.exists(), other.folder.exists()) == (False, False)


def test_of_a_visits_results_the_last_is_kept_and_found_by_its_token(tmp_path):
    visits = Visits(tmp_path)
    visit = visits.of("one")
    first, second = result_in(visit.new_folder()), result_in(visit.new_folder())
    visit.keep(first)
    assert visits.result(first.folder.name) is first
    visit.keep(second)
    assert visits.result(first.folder.name) is None
    assert visits.result(second.folder.name) is second
    assert not first.folder.exists()


def test_work_ends_when_its_visit_is_stopped_or_left(tmp_path):
    visits = Visits(tmp_path)
    visit = visits.of("one")
    visit.go_on()
    visit.stopping = True
    with pytest.raises(Stopped):
        visit.go_on()
    visit.stopping = False
    visits.leave("one")
    with pytest.raises(Stopped):
        visit.go_on()


def test_a_visit_that_ended_does_not_begin_again(tmp_path):
    visits = Visits(tmp_path)
    visits.of("one")
    visits.leave("one")
    with pytest.raises(SessionError, match="reload the page"):
        visits.of("one")
    visits.close()
    with pytest.raises(SessionError):
        visits.of("two")


@pytest.mark.parametrize("name", ["../secret.wav", "secret.wav", ".hidden", "", "vocals.wav/.."])
def test_no_name_reaches_a_file_that_is_not_a_results_own(tmp_path, name):
    result = result_in(tmp_path / "result")
    for secret in (tmp_path / "secret.wav", result.folder / "secret.wav", result.folder / ".hidden"):  # fmt: skip
        secret.write_bytes(b"")
    assert result.file(name) is None
    assert result.file("vocals.wav") == result.folder / "vocals.wav"
