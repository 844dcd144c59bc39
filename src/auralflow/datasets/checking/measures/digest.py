"""What two recordings have in common if they hold the same samples, however they are packed."""

from hashlib import blake2b

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["Digester"]


class Digester:
    """Hashes a mono signal, rounded to 16 bits, block by block."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)

    def push(self, mono: Float[ndarray, " T"]) -> None:
        """Take the next block."""
        self._hash.update(np.rint(np.clip(mono, -1, 1) * 32767).astype("<i2").tobytes())

    def result(self) -> bytes:
        """The hash of all that was pushed."""
        return self._hash.digest()
