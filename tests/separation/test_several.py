"""Several songs: what is done already, shares of processes, several at once, templates, and what goes wrong with one."""

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from auralflow.audio import Encoding, read
from auralflow.errors import ConfigError, DataError, OutputError
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation import Bag, Member, Order, Share, separate_songs
from auralflow.separation.sharing import ending_together, share_of_environment
from tests.separation.networks import Function, Gains
from tests.separation.test_tree import files_below, make

ORDER = Order(residual=False)


def names(outcome) -> list[str]:
    return [result.source.name for result in outcome.results]


@pytest.fixture
def music(tmp_path):
    make(tmp_path / "in", "a.wav", "b.wav", "deep/c.wav")
    return tmp_path / "in"


def test_files_and_folders_are_taken_together_and_folders_keep_their_names(music, tmp_path):
    make(tmp_path, "single.wav")
    sources = [tmp_path / "single.wav", music]
    outcome = separate_songs(Gains({"v": 1.0}), sources, tmp_path / "out", order=ORDER)
    assert names(outcome) == ["single.wav", "a.wav", "b.wav", "c.wav"]
    assert files_below(tmp_path / "out") == [
        "in/a/v.wav", "in/b/v.wav", "in/deep/c/v.wav", "single/v.wav",
    ]  # fmt: skip


def test_a_song_that_is_named_twice_is_separated_once(music, tmp_path):
    outcome = separate_songs(Gains(), [music / "a.wav", music / "a.wav"], tmp_path / "out")
    assert names(outcome) == ["a.wav"]


def test_songs_that_would_become_one_file_are_refused(music, tmp_path):
    make(tmp_path, "other/a.wav")
    with pytest.raises(OutputError, match=r"in/a\.wav and .*other/a\.wav would both become"):
        separate_songs(
            Gains(), [music / "a.wav", tmp_path / "other" / "a.wav"], tmp_path / "out", order=
            Order(template="{stem}.{ext}"),
        )  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_a_template_names_the_files_below_the_folders_of_the_songs(music, tmp_path):
    order = Order(Encoding("flac", 16), residual=False, template="{stem}/{song} {stem}.{ext}")
    separate_songs(Gains({"v": 1.0}), [music], tmp_path / "out", order=order)
    assert files_below(tmp_path / "out") == ["deep/v/c v.flac", "v/a v.flac", "v/b v.flac"]


class TestDoneBefore:
    """What a second run does."""

    def run(
        self,
        music: Path,
        *,
        model: Separator | Bag | None = None,
        force: bool = False,
        **order: Any,
    ) -> tuple[list[str], list[str]]:
        model = model or Gains()
        outcome = separate_songs(
            model, [music], music.parent / "out", order=Order(**order), force=force
        )
        return names(outcome), [path.name for path in outcome.skipped]

    def test_it_skips_what_is_done(self, music):
        everything = ["a.wav", "b.wav", "c.wav"]
        assert self.run(music) == (everything, [])
        assert self.run(music) == ([], everything)
        assert self.run(music, force=True) == (everything, [])

    def test_it_separates_what_has_been_added_or_lost(self, music):
        self.run(music)
        make(music, "d.wav")
        (music.parent / "out" / "b" / "vocals.wav").unlink()
        assert self.run(music) == (["b.wav", "d.wav"], ["a.wav", "c.wav"])
        assert self.run(music) == ([], ["a.wav", "b.wav", "d.wav", "c.wav"])

    def test_it_does_a_file_again_that_was_cut_off(self, music):
        self.run(music)
        (music.parent / "out" / "a" / "drums.wav").write_bytes(b"cut")
        assert self.run(music)[0] == ["a.wav"]

    @pytest.mark.parametrize(
        "change",
        [
            {"model": Gains({"vocals": 0.7, "drums": -0.25})},
            {"overs": "clip"},
            {"tags": False},
            {"preview_seconds": 0.05},
        ],
        ids=["weights", "overs", "tags", "preview"],
    )
    def test_it_does_not_replace_what_was_made_otherwise(self, music, change):
        self.run(music)
        with pytest.raises(OutputError, match="exists already and 8 more: pass --force"):
            self.run(music, **change)
        assert len(self.run(music, force=True, **change)[0]) == 3

    def test_it_does_not_take_a_changed_song_for_the_same(self, music):
        self.run(music)
        soundfile.write(music / "a.wav", np.zeros((900, 2)), 8000)
        with pytest.raises(OutputError, match=r"a/vocals\.wav exists already and 2 more"):
            self.run(music)

    def test_it_minds_the_options_but_not_how_many_segments_go_at_once(self, music):
        def run(**options: Any) -> int:
            outcome = separate_songs(
                Gains(), [music], music.parent / "out", options=SeparationOptions(**options)
            )
            return len(outcome.skipped)

        assert run() == 0
        assert run(batch_size=7) == 3
        with pytest.raises(OutputError, match="exists already"):
            run(overlap=0.5)

    def test_a_record_that_cannot_be_read_is_none(self, music):
        self.run(music)
        [record] = (music.parent / "out" / ".auralflow").glob("a.wav.json")
        assert json.loads(record.read_bytes())["files"].keys() == {
            f"a/{name}.wav" for name in ("drums", "residual", "vocals")
        }
        record.write_text("[1")
        with pytest.raises(OutputError, match="exists already"):
            self.run(music)

    def test_a_bag_is_told_by_its_networks_and_weights(self, music):
        def bag(weight: float) -> Bag:
            return Bag([Member(Gains(), {"vocals": weight}), Member(Gains({"vocals": 0.1}))])

        self.run(music, model=bag(1.0))
        assert self.run(music, model=bag(1.0))[0] == []
        with pytest.raises(OutputError, match="exists already"):
            self.run(music, model=bag(2.0))


class TestProcesses:
    """Shares of a folder."""

    def test_every_song_is_in_one_share(self, music, tmp_path):
        make(music, "d.wav", "e.wav")
        done = [
            names(separate_songs(Gains(), [music], tmp_path / "out", share=Share(rank, 2)))
            for rank in (0, 1)
        ]
        assert done == [["a.wav", "d.wav", "e.wav"], ["b.wav", "c.wav"]]
        assert len(separate_songs(Gains(), [music], tmp_path / "out").skipped) == 5

    def test_a_share_does_not_change_by_what_others_have_done(self, music, tmp_path):
        separate_songs(Gains(), [music], tmp_path / "out", share=Share(0, 2))
        outcome = separate_songs(Gains(), [music], tmp_path / "out", share=Share(1, 2))
        assert (names(outcome), outcome.skipped) == (["b.wav"], ())

    def test_torchrun_says_which_share_it_is(self, monkeypatch):
        assert share_of_environment() == Share()
        monkeypatch.setenv("RANK", "2")
        monkeypatch.setenv("WORLD_SIZE", "3")
        assert share_of_environment() == Share(2, 3)
        monkeypatch.setenv("WORLD_SIZE", "2")
        with pytest.raises(ConfigError, match="RANK is 2 and WORLD_SIZE 2"):
            share_of_environment()

    def test_nobody_waits_who_is_alone_or_cannot_find_the_others(self, monkeypatch):
        monkeypatch.delenv("MASTER_ADDR", raising=False)
        for share in (Share(), Share(0, 2)):
            with ending_together(share):
                pass


class TestAtOnce:
    """Threads."""

    def test_the_files_are_the_same_and_the_results_in_order(self, music, tmp_path):
        make(music, *(f"{number}.wav" for number in range(6)))
        for jobs in (1, 3):
            outcome = separate_songs(Gains(), [music], tmp_path / str(jobs), order=ORDER, jobs=jobs)
            assert names(outcome) == [*(f"{n}.wav" for n in range(6)), "a.wav", "b.wav", "c.wav"]
        for name in files_below(tmp_path / "1"):
            np.testing.assert_array_equal(read(tmp_path / "1" / name), read(tmp_path / "3" / name))

    def test_so_many_songs_are_worked_on_together(self, music, tmp_path):
        meeting = threading.Barrier(3, timeout=30)

        def together(mixture):
            meeting.wait()
            return mixture

        separate_songs(Function(together), [music], tmp_path / "out", jobs=3)
        assert meeting.n_waiting == 0

    @pytest.mark.parametrize("error", [KeyboardInterrupt, OutputError])
    def test_an_error_or_ctrl_c_stops_all_and_leaves_nothing_half_written(
        self, music, tmp_path, error
    ):
        make(music, *(f"{number}.wav" for number in range(6)))

        def stop(source, done, total):
            raise error("stop")

        model = Gains({"v": 1.0}).train()
        with pytest.raises(error):
            separate_songs(model, [music], tmp_path / "out", order=ORDER, jobs=2, progress=stop)
        assert not (tmp_path / "out").exists() or files_below(tmp_path / "out") == []
        assert model.training
        assert all("auralflow" not in thread.name for thread in threading.enumerate())

    def test_an_error_of_one_song_stops_another_in_the_middle(self, tmp_path):
        make(tmp_path / "in", "a.wav")
        soundfile.write(tmp_path / "in" / "long.wav", np.zeros((4_000_000, 1)), 8000)
        began, reached = threading.Event(), []

        def fail(source, done, total):
            if source.name == "long.wav":
                reached.append(done)
                began.set()
                return
            began.wait(30)
            raise OutputError("the disk is full")

        with pytest.raises(OutputError, match="the disk is full"):
            separate_songs(
                Gains({"v": 1.0}), [tmp_path / "in"], tmp_path / "out", order=ORDER, jobs=2,
                progress=fail,
            )  # fmt: skip
        assert reached[-1] < 4_000_000

    def test_a_song_that_fails_is_named_and_the_rest_go_on(self, music, tmp_path):
        (music / "b.wav").write_text("this is no sound")
        outcome = separate_songs(Gains(), [music], tmp_path / "out", jobs=2)
        assert names(outcome) == ["a.wav", "c.wav"]
        assert [failure.source.name for failure in outcome.failures] == ["b.wav"]


def test_no_source_is_passed_over_in_silence(music, tmp_path):
    with pytest.raises(DataError, match="nowhere does not exist"):
        separate_songs(Gains(), [music, tmp_path / "nowhere"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
