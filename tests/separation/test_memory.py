"""Peak memory does not grow with the length of the song."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.separation.sounds import noise

SEPARATE = """
import sys
from pathlib import Path
import torch
from auralflow.audio import Encoding
from auralflow.separation import SeparationOptions, separate_file
from auralflow.training.checking.memory import peak_memory
from tests.separation.networks import Gains

torch.set_num_threads(1)
song, folder, rate = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
model = Gains({"vocals": 0.5}, sample_rate=rate)
overs = sys.argv[4]
separate_file(
    model, song, folder, encoding=Encoding("wav", 16), overs=overs,
    options=SeparationOptions(batch_size=1),
)
print(peak_memory())
"""


def write_song(path: Path, minutes: int, rate: int = 44_100) -> None:
    second = (noise(rate, peak=0.9).T * 32_767).astype(np.int16)
    with soundfile.SoundFile(path, "w", rate, 2, subtype="PCM_16") as file:
        for _ in range(minutes * 60):
            file.write(second)


def peak_memory(folder: Path, minutes: int, *, network_rate: int, overs: str) -> int:
    song = folder / f"{minutes}.wav"
    write_song(song, minutes)
    result = subprocess.run(
        [sys.executable, "-c", SEPARATE, song, folder / str(minutes), str(network_rate), overs],
        capture_output=True,
        text=True,
        check=True,
    )
    assert soundfile.info(folder / str(minutes) / "residual.wav").frames == minutes * 60 * 44_100
    return int(result.stdout)


@pytest.mark.slow
def test_six_minutes_take_as_much_memory_as_one(tmp_path):
    # Five minutes more are 106 MB of float stereo for each of the mixture, the stem and the residual.
    one = peak_memory(tmp_path, 1, network_rate=16_000, overs="rescale")
    six = peak_memory(tmp_path, 6, network_rate=16_000, overs="rescale")
    assert six - one < 50e6


@pytest.mark.slow
@pytest.mark.parametrize(("network_rate", "overs"), [(44_100, "clip"), (22_050, "rescale")])
def test_an_hour_takes_as_much_memory_as_six_minutes(tmp_path, network_rate, overs):
    six = peak_memory(tmp_path, 6, network_rate=network_rate, overs=overs)
    sixty = peak_memory(tmp_path, 60, network_rate=network_rate, overs=overs)
    assert sixty - six < 50e6


OPENUNMIX = """
import resource, sys
import numpy as np, torch
from auralflow.models import create
from auralflow.separation import separate_stream

torch.set_num_threads(1)
network = create("openunmix", targets=("drums", "bass", "other", "vocals"), channels=2)
pages = int(open("/proc/self/statm").read().split()[1])
generator = np.random.default_rng(0)
for _ in separate_stream(
    network,
    (0.1 * generator.standard_normal((2, 44_100)).astype(np.float32) for _ in range(int(sys.argv[1]))),
    sample_rate=44_100,
    channels=2,
):
    pass
lines = open("/proc/self/status").read().splitlines()
high = int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
print(high - pages * resource.getpagesize())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc for what is in memory before")
def test_open_unmix_for_four_stems_takes_less_than_300_mb_above_itself():
    # With its Wiener filter in float64. How much does not depend on the length: that an hour takes no more is above.
    result = subprocess.run(
        [sys.executable, "-c", OPENUNMIX, "60"], capture_output=True, text=True, check=True
    )
    assert int(result.stdout) < 300e6
