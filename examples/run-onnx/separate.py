"""Separates a song with a network that `auralflow export` wrote as ONNX: numpy, soundfile and onnxruntime are enough.

python separate.py NETWORK.onnx SONG.wav FOLDER

The answer is that of `auralflow separate MODEL SONG.wav`, but for rounding; in the last segment, where the file takes one length
only, for a little more. The song must have the network's rate.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile


class Network:
    """An exported network, with all that its metadata says is to be done around it."""

    def __init__(self, path):
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        metadata = self.session.get_modelmeta().custom_metadata_map
        self.facts = json.loads(metadata["auralflow"])
        self.transform = self.facts["transform"] and Transform(**self.facts["transform"])

    def stems(self, mixture):
        """Stems `S C T` of a mixture `C T` that has as many channels as the network."""
        samples = mixture.shape[-1]
        silence = max(self.facts["pad_to"], self.facts["shortest"]) - samples
        mixture = np.pad(mixture, ((0, 0), (0, max(0, silence))))
        spectrum = None if self.transform is None else self.transform.forward(mixture)
        inputs = {}
        for port in self.facts["inputs"]:
            if port["name"] == "mixture":
                seen = mixture
            elif port["name"] == "magnitudes":
                seen = np.abs(spectrum)
            else:
                seen = np.stack([spectrum.real, spectrum.imag], axis=-1)
            inputs[port["name"]] = seen[None].astype(np.float32)
        names = [port["name"] for port in self.facts["outputs"]]
        stems = 0
        for name, answer in zip(names, self.session.run(names, inputs), strict=True):
            if name == "stems":
                stems = stems + answer[0]
                continue
            if name == "stem_magnitudes":
                spectra = with_phases(answer[0], spectrum, self.facts["wiener"])
            else:
                spectra = answer[0, ..., 0] + 1j * answer[0, ..., 1]
            stems = stems + self.transform.inverse(spectra, mixture.shape[-1])
        return stems[..., :samples]

    def separate(self, song):
        """Stems `S C T` of a song of any length and any number of channels, segment by segment, cross-faded."""
        channels, samples = song.shape
        segment, hop, step = (self.facts[key] for key in ("segment", "hop", "step"))
        last = -(-max(0, samples - segment) // step) * step
        if self.facts["shortest"] == self.facts["longest"]:
            # A network that takes one length only is not given less at the end.
            last = max(0, samples - segment)
        starts = [*range(0, max(0, samples - segment), hop), last] if last else [0]
        total = np.zeros((len(self.facts["targets"]), channels, samples))
        weight = np.zeros(samples)
        for start in starts:
            end = min(start + segment, samples)
            # The nearer a sample is to an edge that was cut, the less it is trusted: by the third power.
            place = np.arange(end - start)
            distance = np.full(end - start, segment)
            if start > 0:
                distance = np.minimum(distance, place + 1)
            if end < samples:
                distance = np.minimum(distance, segment - place)
            trust = (distance / segment) ** 3
            total[..., start:end] += trust * self._each_channel(song[:, start:end])
            weight[start:end] += trust
        return total / weight

    def _each_channel(self, song):
        """A mono network hears each channel on its own, a stereo one hears a mono song on both sides."""
        wanted = self.facts["channels"]
        channels = len(song)
        stems = np.zeros((len(self.facts["targets"]), channels, song.shape[1]))
        heard = np.zeros((channels, 1))
        for first in range(0, channels, wanted):
            source = np.minimum(np.arange(first, first + wanted), channels - 1)
            answer = self.stems(song[source])
            for place, channel in enumerate(source):
                stems[:, channel] += answer[:, place]
                heard[channel] += 1
        return stems / heard


class Transform:
    """The short-time Fourier transform, as `auralflow` has it for this network."""

    def __init__(self, *, num_fft, window_size, hop_length, framing, scale, bins):
        self.size, self.hop, self.framing, self.bins = num_fft, hop_length, framing, bins
        # A periodic Hann window, in the middle of what is transformed.
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window_size) / window_size)
        before = (num_fft - window_size) // 2
        self.window = np.pad(hann, (before, num_fft - window_size - before))
        self.window_size = window_size
        self.scale = np.sqrt(num_fft) if scale == "orthonormal" else 1.0

    def forward(self, audio):
        """Spectrum `… F N` of audio `… T`."""
        audio = self._surrounded(audio)
        count = (audio.shape[-1] - self.size) // self.hop + 1
        frames = np.stack(
            [audio[..., n * self.hop :][..., : self.size] * self.window for n in range(count)], -1
        )
        return np.fft.rfft(frames, axis=-2)[..., : self.bins, :] / self.scale

    def inverse(self, spectrum, samples):
        """Audio `… T`: frames are windowed again and added, over the sum of the squared windows."""
        frames = np.fft.irfft(spectrum * self.scale, n=self.size, axis=-2)
        count = frames.shape[-1]
        start, beside = self.size // 2, 0
        if self.framing in ("aligned", "shifted"):
            # Two frames of silence on either side, of which the audio was taken.
            start, beside = (self.hop // 2 * 3 if self.framing == "aligned" else 0), 2
        length = (count - 1) * self.hop + self.size + 2 * beside * self.hop
        audio = np.zeros((*spectrum.shape[:-2], length))
        squares = np.zeros(length)
        for n in range(-beside, count + beside):
            place = slice((n + beside) * self.hop, (n + beside) * self.hop + self.size)
            squares[place] += self.window**2
            if 0 <= n < count:
                audio[..., place] += frames[..., n] * self.window
        start += beside * self.hop
        missing = max(0, start + samples - length)
        audio = np.pad(audio, [(0, 0)] * (audio.ndim - 1) + [(0, missing)])
        squares = np.pad(squares, (0, missing), constant_values=1)
        return (audio / np.maximum(squares, 1e-11))[..., start : start + samples]

    def _surrounded(self, audio):
        """Audio with what windows see beyond it."""
        samples, hop, half = audio.shape[-1], self.hop, self.size // 2
        whole = -(-samples // hop) * hop
        if self.framing in ("aligned", "shifted"):
            before = hop // 2 * 3
            after = before + whole - samples
            if self.framing == "shifted":
                return _padded(audio, before, after, "constant")
            silence = max(0, after + 1 - samples)
            return _padded(
                _padded(audio, 0, silence, "constant"), before, after - silence, "reflect"
            )
        if self.framing == "silence":
            return _padded(_padded(audio, 0, whole - samples, "constant"), half, half, "constant")
        sparse = 2 * hop > self.window_size or samples % hop > 0.45 * self.window_size
        padded = max(whole if sparse else samples, half + 1)
        return _padded(_padded(audio, 0, padded - samples, "constant"), half, half, "reflect")


def with_phases(magnitudes, mixture, wiener):
    """Spectra `S C F N` of magnitudes: with the mixture's phases, refined by a Wiener filter where there is one."""
    wiener = wiener or {"iterations": 0, "softmask": False, "residual": False, "window": 0}
    frames = mixture.shape[-1]
    size = wiener["window"] or frames
    parts = [
        _filtered(magnitudes[..., n : n + size], mixture[..., n : n + size], wiener)
        for n in range(0, frames, size)
    ]
    return np.concatenate(parts, axis=-1)[: len(magnitudes)]


def _filtered(magnitudes, mixture, wiener):
    """One stretch of frames, in which each source keeps its place in the stereo image."""
    level = max(1.0, np.abs(mixture).max() / 10)
    heard, loud = mixture / level, magnitudes.astype(np.float64) / level
    loudness = np.abs(heard)
    if wiener["softmask"]:
        estimate = heard * (loud / (loud.sum(0) + 1e-10 / level))
    else:
        phase = np.where(loudness < 1e-20, 1.0, heard / np.maximum(loudness, 1e-20))
        estimate = loud * phase
    if wiener["residual"]:
        estimate = np.concatenate([estimate, (heard - estimate.sum(0))[None]])
    channels = len(heard)
    for _ in range(wiener["iterations"]):
        power = (np.abs(estimate) ** 2).mean(1)
        moments = np.einsum("scfn,sdfn->sfcd", estimate, estimate.conj())
        covariance = moments / (power.sum(-1) + 1e-10)[..., None, None]
        model = np.einsum("sfn,sfcd->fncd", power, covariance) + 1e-5 * np.eye(channels)
        white = np.linalg.solve(model, heard.transpose(1, 2, 0)[..., None])[..., 0]
        estimate = np.einsum("sfcd,fnd->scfn", covariance, white) * power[:, None]
    return estimate * level


def _padded(audio, before, after, mode):
    return np.pad(audio, [(0, 0)] * (audio.ndim - 1) + [(before, after)], mode=mode)


def main(network, song, folder):
    """Write a file for each stem."""
    net = Network(network)
    audio, rate = soundfile.read(song, always_2d=True)
    if rate != net.facts["sample_rate"]:
        sys.exit(
            f"{song} is {rate} Hz and the network is for {net.facts['sample_rate']} Hz: resample it"
        )
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, stem in zip(net.facts["targets"], net.separate(audio.T), strict=True):
        soundfile.write(Path(folder) / f"{name}.wav", stem.T, rate, subtype="FLOAT")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
