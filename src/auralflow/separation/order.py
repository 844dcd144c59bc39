"""What is asked for of each song: which files, and how."""

from dataclasses import dataclass, field

from auralflow.audio import Encoding
from auralflow.errors import ConfigError
from auralflow.separation.config import Overs
from auralflow.separation.naming import checked_template

__all__ = ["MIXTURE_MINUS", "RESIDUAL", "Order"]

RESIDUAL = "residual"
"""Name of the file with what is left of the song when all stems are taken out of it."""
MIXTURE_MINUS = "mixture-minus-"
"""How the file of a song without some stems begins; their names follow."""


@dataclass(frozen=True)
class Order:
    """The files that a song becomes.

    Raises `ConfigError` for a template that is not understood, and for a difference that a stem file has no place for.
    """

    encoding: Encoding = field(default_factory=lambda: Encoding("wav", 32))
    residual: bool = True
    mixture_minus: tuple[str, ...] = ()
    """Stems without which the song is written as one more file."""
    overs: Overs = "auto"
    tags: bool = True
    """Whether the files get the song's tags and cover."""
    template: str | None = None
    """Names of the files; by default `{song}/{stem}.{ext}`, or `{song}.{ext}` for a stem file."""
    preview_seconds: float | None = None
    """Length of the loudest stretch, if only that is to be separated."""

    def __post_init__(self) -> None:
        checked_template(self.template, self.encoding)
        if self.mixture_minus and self.encoding.format == "stem.mp4":
            raise ConfigError(
                f"mixture-minus is {', '.join(self.mixture_minus)}, for which a stem.mp4 file has no place: choose another"
                " format"
            )
        if self.preview_seconds is not None and not 0 < self.preview_seconds < float("inf"):
            raise ConfigError(
                f"the preview is {self.preview_seconds} s long, but must be longer than nothing: change it"
            )

    @property
    def names(self) -> str:
        """The template in force."""
        return checked_template(self.template, self.encoding)
