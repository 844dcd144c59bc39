"""What a song is called."""

__all__ = ["song_name"]

_FIRST = (
    "Amber", "Autumn", "Blue", "Borrowed", "Bright", "Burning", "Copper", "Crystal", "Distant",
    "Early", "Electric", "Empty", "Endless", "Fading", "Final", "Frozen", "Gentle", "Golden",
    "Hidden", "Hollow", "Indigo", "Ivory", "Little", "Lonely", "Midnight", "Northern", "Paper",
    "Quiet", "Restless", "Rolling", "Scarlet", "Second", "Silver", "Sleeping", "Southern",
    "Velvet", "Wandering", "Western", "Wild", "Winter", "Wooden",
)  # fmt: skip
_SECOND = (
    "Alley", "Avenue", "Bridge", "Candle", "Carousel", "Chapel", "Cloud", "Coast", "Compass",
    "Engine", "Feather", "Ferry", "Field", "Fire", "Garden", "Harbour", "Highway", "Horizon",
    "Island", "Lantern", "Letter", "Lighthouse", "Meadow", "Mirror", "Moon", "Motel", "Mountain",
    "Orchard", "Parade", "Platform", "Radio", "Rain", "River", "Shadow", "Signal", "Station",
    "Stone", "Summer", "Sunday", "Tower", "Valley", "Wheel", "Window",
)  # fmt: skip


def song_name(seed: int) -> str:
    """A name of letters, digits and spaces that no other seed has, such as `0007 Amber Harbour`.

    The words walk through all 1763 pairs before one repeats, because both lists' lengths are prime.
    """
    return f"{seed:04d} {_FIRST[seed * 17 % len(_FIRST)]} {_SECOND[seed * 25 % len(_SECOND)]}"
