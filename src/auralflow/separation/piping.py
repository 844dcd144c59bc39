"""Audio that comes by standard input and leaves by standard output.

Both go through a file: a song is read twice where its length or its loudest place must be known first, and the header of
a file is written last.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from auralflow.errors import AudioError, ConfigError
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.bag import Bag
from auralflow.separation.order import MIXTURE_MINUS, Order
from auralflow.separation.song import files_of

__all__ = ["STANDARD", "arrived", "send", "sent_file"]

STANDARD = Path("-")
"""What stands for standard input among songs, and for standard output as a folder."""


@contextmanager
def arrived() -> Iterator[Path]:
    """All that comes by standard input, as a file called `stdin` that is there until the context ends.

    Raises `AudioError` if nothing comes.
    """
    with TemporaryDirectory(prefix="auralflow-") as folder:
        path = Path(folder) / "stdin"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        if not path.stat().st_size:
            raise AudioError(
                "standard input has ended without a byte: pipe an audio file into it, or name one"
            )
        yield path


def sent_file(
    model: Separator | Bag, order: Order, options: SeparationOptions, *, songs: int
) -> str:
    """The name of the only file that is written, or of the song without stems where that is asked for.

    Raises `ConfigError` where there are more.
    """
    names = list(files_of(model, order, song="stdin", wanted=options.targets))
    if order.mixture_minus:
        names = [name for name in names if name.startswith(MIXTURE_MINUS)]
    if len(names) > 1 or songs > 1:
        found = f"{songs} songs" if songs > 1 else ", ".join(names)
        raise ConfigError(
            f"standard output takes one file, and {found} would go to it: name one stem with --targets, or a folder"
            " with --save"
        )
    return names[0]


def send(file: Path) -> None:
    """Write a file to standard output."""
    with file.open("rb") as content:
        shutil.copyfileobj(content, sys.stdout.buffer)
    sys.stdout.buffer.flush()
