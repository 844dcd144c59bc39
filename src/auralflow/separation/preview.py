"""The stretch of a song that tells most about its stems."""

import numpy as np

from auralflow.audio import AudioReader

__all__ = ["loudest_start"]

_STEPS_A_SECOND = 10


def loudest_start(reader: AudioReader, samples: int) -> int:
    """Where the stretch of so many samples begins that has the most energy, in tenths of a second; the first of equals.

    The beginning of a song is often an introduction without most of its stems.
    """
    info = reader.info
    if samples >= info.samples:
        return 0
    step = max(1, info.sample_rate // _STEPS_A_SECOND)
    energies = [float(np.square(block, dtype=np.float64).sum()) for block in reader.blocks(step)]
    width = max(1, round(samples / step))
    sums = np.convolve(energies, np.ones(width), mode="valid")
    # Sums of the same numbers differ in their last digits, by which none is louder.
    first = int(np.argmax(sums >= sums.max() * (1 - 1e-9)))
    return min(first * step, info.samples - samples)
