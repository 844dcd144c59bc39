"""Keys and chords, against what every textbook of harmony says."""

import pytest

from auralflow.datasets.synthetic.harmony import hertz


def test_notes_have_their_standard_frequencies():
    assert hertz(69) == 440.0
    assert hertz(60) == pytest.approx(261.6256, abs=1e-4)
