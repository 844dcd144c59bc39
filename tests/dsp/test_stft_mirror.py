"""The transform with mirrored edges: that of `torch.stft`, but exact at every length too."""

import pytest
import torch

from auralflow.dsp.stft import Stft


def mirrored(num_fft: int, hop_length: int, window_size: int | None = None) -> Stft:
    return Stft(
        num_fft=num_fft,
        window_size=window_size or num_fft,
        hop_length=hop_length,
        edges="mirror",
        scale="sum",
    )


@pytest.mark.parametrize(
    ("num_fft", "hop", "samples"),
    [
        (4096, 1024, 44_101),
        (4096, 1024, 2049),
        (1024, 512, 16_000),
        (512, 100, 700),
        # 460 samples beyond a hop of 512 are less than 0.45 of a window of 1024.
        (1024, 512, 5120 + 460),
    ],
)
def test_spectra_and_audio_are_those_of_torch(num_fft, hop, samples):
    stft = mirrored(num_fft, hop)
    audio = torch.rand(2, samples) * 2 - 1
    window = torch.hann_window(num_fft)
    expected = torch.stft(
        audio, num_fft, hop, window=window, center=True, pad_mode="reflect", return_complex=True
    )
    spectrum = stft(audio)
    assert torch.equal(spectrum, expected)
    assert stft.frames(samples) == expected.shape[-1] == 1 + samples // hop
    # Not a spectrum that any audio has, so that the inverse must weigh frames as torch does.
    changed = spectrum * torch.rand_like(spectrum.abs())
    back = torch.istft(changed, num_fft, hop, window=window, center=True, length=samples)
    assert torch.equal(stft.inverse(changed, samples), back)


@pytest.mark.parametrize(
    ("num_fft", "hop", "window"),
    [
        (4096, 1024, 4096),
        (4096, 2048, 4096),
        (1024, 768, 1024),
        (128, 96, 128),
        (1024, 96, 128),
        (1024, 64, 128),
    ],
)
def test_audio_comes_back_at_every_length(num_fft, hop, window):
    stft = mirrored(num_fft, hop, window)
    around = {1, 2, hop - 1, hop, hop + 1, num_fft // 2, num_fft // 2 + 1, num_fft}
    for samples in sorted({*around, *(5 * hop + more for more in (-1, 0, 1)), 10_007}):
        audio = torch.rand(2, 3, samples) * 2 - 1
        spectrum = stft(audio)
        assert spectrum.shape[-1] == stft.frames(samples)
        back = stft.inverse(spectrum, samples)
        assert back.shape == audio.shape
        # Under the thinnest part of two windows, 0.02, some 40 units in the last place of float32 become 1e-4.
        assert (back - audio).abs().max() <= 1e-4, samples


def test_a_hop_of_more_than_half_a_window_is_filled_up():
    stft = mirrored(1024, 768)
    for samples, frames in [(768, 2), (769, 3), (7680, 11), (7681, 12)]:
        assert stft.frames(samples) == frames


def test_audio_too_short_for_a_mirror_image_is_followed_by_silence():
    stft = mirrored(128, 32)
    audio = torch.rand(1, 20)
    # Half a transform is 64, whose mirror image takes 65 samples.
    longer = torch.nn.functional.pad(audio, (0, 45))
    assert torch.equal(stft(audio), stft(longer))


def test_the_scale_is_that_of_the_sum():
    audio = torch.rand(1, 640)
    plain = Stft(num_fft=64, window_size=64, hop_length=16, scale="sum")
    scaled = Stft(num_fft=64, window_size=64, hop_length=16)
    # √64 is 8.
    assert torch.allclose(plain(audio), 8 * scaled(audio), atol=1e-5)
    assert torch.allclose(plain.inverse(plain(audio), 640), audio, atol=1e-5)
