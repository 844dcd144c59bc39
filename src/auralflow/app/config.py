"""The keys of the web page: where it listens, and how much it takes."""

from typing import Annotated

from annotated_types import Ge, Gt, Le

from auralflow.config import Config

__all__ = ["AppConfig"]


class AppConfig(Config):
    """The page that separates songs."""

    host: str = "127.0.0.1"
    """Address to listen on; 127.0.0.1 is this machine alone, 0.0.0.0 lets everybody in who can reach it."""
    port: Annotated[int, Ge(0), Le(65_535)] = 7860
    """Port to listen on; 0 takes one that is free."""
    max_minutes: Annotated[float, Gt(0)] = 10.0
    """Longest song, in minutes; making the player of four stems takes about 250 MB of memory a minute."""
    max_megabytes: Annotated[int, Gt(0)] = 200
    """Largest file that can be uploaded, in megabytes of 1024² bytes."""
    queue: Annotated[int, Gt(0)] = 16
    """How many may wait for their turn; songs are separated one after another."""
