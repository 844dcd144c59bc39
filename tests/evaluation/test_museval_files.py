"""Files for museval; tests/references has museval read them."""

import json
import math

import pytest
import torch

from auralflow.errors import ModelError
from auralflow.evaluation import museval_json
from auralflow.metrics import BSSEval

SCORES = BSSEval(
    sdr=torch.tensor([[1.234567, math.nan]], dtype=torch.float64),
    isr=torch.tensor([[3.0, 4.0]], dtype=torch.float64),
    sir=torch.tensor([[math.inf, 2.5]], dtype=torch.float64),
    sar=torch.tensor([[-1.0, -math.inf]], dtype=torch.float64),
)
# What `TrackStore("song", win=1, hop=0.5)` of museval 0.4.1 writes of these, spaces apart.
MUSEVAL = """{"targets": [{"name": "vocals", "frames": [
    {"time": 0.0, "duration": 1, "metrics": {"SDR": 1.23457, "SIR": NaN, "SAR": -1.00000, "ISR": 3.00000}},
    {"time": 0.5, "duration": 1, "metrics": {"SDR": NaN, "SIR": 2.50000, "SAR": NaN, "ISR": 4.00000}}
    ]}], "museval_version": "0.4.1"}"""


def test_the_file_holds_what_museval_would_write():
    written = json.loads(museval_json(["vocals"], SCORES, hop_seconds=0.5))
    assert json.dumps(written) == json.dumps(json.loads(MUSEVAL)).replace('on": 1,', 'on": 1.0,')


def test_frames_follow_each_other_where_no_hop_is_given():
    frames = json.loads(museval_json(["vocals"], SCORES, frame_seconds=2))["targets"][0]["frames"]
    assert [(frame["time"], frame["duration"]) for frame in frames] == [(0, 2), (2, 2)]


def test_a_source_without_a_name_is_an_error():
    with pytest.raises(ModelError, match="there are 2 targets and scores of 1"):
        museval_json(["vocals", "drums"], SCORES)
