"""What the page's buttons do. Each answers with HTML, and an error is an answer too."""

import logging
import random
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path

from auralflow.app.config import AppConfig
from auralflow.app.markup import EMPTY, problem, result_section, saying, song_line
from auralflow.app.networks import Networks
from auralflow.app.separating import Progress, separate_song
from auralflow.app.songs import check_song, compose_sample, sentence
from auralflow.app.visits import Stopped, Visits
from auralflow.errors import AuralflowError, ConfigError
from auralflow.separation import SeparationConfig

__all__ = ["Desk"]

_log = logging.getLogger(__name__)
_SAMPLES = 1000
_SAMPLE_SECONDS = 20.0


@dataclass
class Desk:
    """One for all visits. Nothing in it knows Gradio."""

    networks: Networks
    config: AppConfig
    separation: SeparationConfig
    visits: Visits
    _networks_thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "auralflow-networks")
    )
    """Where all networks are loaded and called: the page's other threads come and go, and OpenMP has threads for each that
    computed once, which then wait for one another: a song took more than twice as long."""
    _random: random.Random = field(default_factory=random.Random)

    def check(self, visit: str, song: str | None) -> str:
        """Facts about the song that is chosen now, or why it cannot be taken; its file goes when the visit ends."""
        if song is None:
            return EMPTY
        path = Path(song)

        def check() -> str:
            here = self.visits.of(visit)
            here.uploads.add(path)
            info = check_song(path, max_minutes=self.config.max_minutes)
            composed = here.sample is not None and here.sample.is_song(path)
            return song_line(path.name, info, composed=composed)

        return self._told(check, path)

    def sample(self, visit: str) -> tuple[str | None, str]:
        """The file of a song composed now, or none and why there is none."""
        composed: list[str] = []

        def compose() -> str:
            here = self.visits.of(visit)
            here.drop_sample()
            here.sample = compose_sample(
                self._random.randrange(_SAMPLES), here.new_folder(), seconds=_SAMPLE_SECONDS
            )
            composed.append(str(here.sample.mixture))
            return EMPTY

        words = self._told(compose)
        return (composed[0] if composed else None), words

    def separate(
        self, visit: str, network: str | None, song: str | None, progress: Progress
    ) -> tuple[str, str]:
        """Words about how it went, and the stems; the latter are empty where there are none."""
        sections: list[str] = []
        path = Path(song) if song else None

        def separate() -> str:
            if path is None:
                raise ConfigError("there is no song yet: drop one, or take a sample")
            here = self.visits.of(visit)
            here.stopping = False
            here.uploads.add(path)
            here.drop_result()
            check_song(path, max_minutes=self.config.max_minutes)
            folder = here.new_folder()

            def going(share: float, words: str) -> None:
                here.go_on()
                progress(share, words)

            def fetching(file: str, done: int, total: int | None) -> None:
                size = f" of {total / 1e6:.0f}" if total else ""
                going(0.0, f"Fetching {file}: {done / 1e6:.0f}{size} MB")

            try:
                sample = here.sample
                going(0.0, "Getting the network ready")
                result = separate_song(
                    self.networks.load(network or "", progress=fetching),
                    path,
                    folder,
                    name=network or "",
                    config=self.separation,
                    truth=sample.truth if sample and sample.is_song(path) else {},
                    progress=going,
                )
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                self.visits.clear(here)
                raise
            here.keep(result)
            self.visits.clear(here)
            sections.append(result_section(result))
            return EMPTY

        def in_its_thread() -> str:
            # The page finds out by the context whose progress it is.
            return self._networks_thread.submit(copy_context().run, separate).result()

        words = self._told(in_its_thread, path)
        return words, (sections[0] if sections else EMPTY)

    def stop(self, visit: str) -> None:
        """End what works for the visit."""
        try:
            self.visits.of(visit).stopping = True
        except AuralflowError:
            return

    def _told(self, work: Callable[[], str], path: Path | None = None) -> str:
        """What the work says, or the one sentence that says why it failed."""
        try:
            return work()
        except Stopped:
            return saying("Stopped.")
        except AuralflowError as error:
            _log.info("%s", error)
            return problem(sentence(error, *([path] if path else [])))
        except Exception as error:
            _log.exception("not foreseen")
            return problem(
                f"{type(error).__name__}: {error} (not foreseen: the terminal of the page shows more)"
            )
