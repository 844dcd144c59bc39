"""Frames of audio in blocks against torch.stft of the whole."""

import pytest
import torch

from auralflow.dsp.frames import Frames


def cut(audio: torch.Tensor, block: int, **options) -> torch.Tensor:
    frames = Frames(64, options.pop("hop", 16), **options)
    parts = [frames.add(piece) for piece in audio.split(block, -1)]
    return torch.cat([*parts, frames.rest()], -2)


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
@pytest.mark.parametrize("samples", [33, 64, 96, 97, 333])
@pytest.mark.parametrize(("edges", "mode"), [("mirror", "reflect"), ("silence", "constant")])
@pytest.mark.parametrize("hop", [10, 32])
def test_frames_are_those_of_torch_stft_however_the_audio_is_cut(block, samples, edges, mode, hop):
    audio = torch.sin(torch.arange(2 * samples).reshape(2, samples).double() ** 1.3)
    expected = torch.stft(
        audio,
        64,
        hop,
        window=torch.ones(64, dtype=torch.float64),
        pad_mode=mode,
        return_complex=True,
    )
    frames = cut(audio, block, hop=hop, edges=edges)
    torch.testing.assert_close(torch.fft.rfft(frames).movedim(-1, -2), expected)


def test_audio_too_short_to_be_mirrored_gets_silence_at_its_end_first():
    audio = torch.arange(1.0, 11.0)
    padded = torch.nn.functional.pad(audio, (0, 23))
    torch.testing.assert_close(cut(audio, 4, edges="mirror"), cut(padded, 33, edges="mirror"))


def test_one_sample_of_silence_around_is_one_frame():
    frames = cut(torch.ones(1), 1, edges="silence")
    assert frames.shape == (1, 64)
    assert frames[0, 32] == frames.sum() == 1


def test_asking_for_the_rest_changes_nothing():
    audio = torch.arange(300.0)
    frames = Frames(64, 16, edges="mirror")
    before = frames.add(audio[:100])
    frames.rest()
    found = torch.cat([before, frames.add(audio[100:]), frames.rest()], -2)
    torch.testing.assert_close(found, cut(audio, 300, edges="mirror"))
