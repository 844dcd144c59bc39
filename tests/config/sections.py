"""A section of configuration with one key of every kind."""

from typing import Annotated, Literal

from annotated_types import Gt

from auralflow.config import Config


class Oven(Config):
    """A nested section."""

    heat: Annotated[int, Gt(0)] = 180
    """Degrees."""
    fan: bool = False
    """Blow hot air about."""


class Recipe(Config):
    """A section with every kind of key."""

    flour_grams: Annotated[float, Gt(0)] = 500.0
    """Weight of the flour, in grams."""
    eggs: int = 2
    """Number of eggs."""
    crust: Literal["thin", "thick"] = "thin"
    """How the crust is to be."""
    toppings: tuple[str, ...] = ("cheese",)
    """What goes on top."""
    sizes: tuple[int, int] = (8, 1)
    """Two lengths."""
    title: str | None = None
    """What the card says."""
    oven: Oven = Oven(heat=220)
    """How it is baked."""
