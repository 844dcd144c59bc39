"""The parts of a benchmark, on music that is composed for them."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from loaders.music import compose

__all__ = ["run_parts"]


class Part(Protocol):
    """Prints one table."""

    def __call__(self, music: Path, *, is_quick: bool) -> None:
        """Measure on the tracks in `music`."""
        ...


def run_parts(parts: Mapping[str, Part], words: Sequence[str]) -> None:
    """Those that are named, or all; `--quick` among the words is for trying them out."""
    wanted = [word for word in words if not word.startswith("--")]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AURALFLOW_CACHE"] = str(Path(folder) / "cache")
        compose(Path(folder), tracks=6, seconds=60, formats=["wav"])
        for name, report in parts.items():
            if not wanted or name in wanted:
                report(Path(folder) / "wav", is_quick="--quick" in words)
                print(f"\nload {os.getloadavg()[0]:.1f}", flush=True)
