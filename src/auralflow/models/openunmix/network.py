"""Open-Unmix: recurrent networks on the magnitude spectrogram, one for each target, and a multichannel Wiener filter.

Source: Stöter, Uhlich, Liutkus, Mitsufuji, "Open-Unmix – A Reference Implementation for Music Source Separation",
JOSS 2019. The state dict is that of `openunmix.model.Separator` of the package openunmix 1.3.0 (MIT licence), and its
outputs are the same; nothing was copied from it. Published weights of a single target load where there is one target.

Differs from it: audio may be of any length (the package refuses less than half a window) and have more than two
channels; where the hop is about half the window or longer, the end is padded so that it can be reconstructed; a residual
source helps the filter and is not returned; one target alone is not filtered, whatever `wiener.iterations` says (the
package refuses it); digital silence stays silent beside a residual (see `auralflow.dsp.wiener`). Of training, which is not in
the network: `input_mean` and `input_scale` begin at 0 and 1 and are learned, while the package's script begins with
statistics of its data set. Choices of this package's own: the direct task, masks by other functions than ReLU, convolutions
or a variational layer in place of or after the LSTM, and to leave out norms or the way around the LSTM.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from auralflow.config import Config
from auralflow.dsp.stft import Stft
from auralflow.dsp.wiener import wiener
from auralflow.errors import ModelError
from auralflow.models.base import Estimate, Separator
from auralflow.models.graph import MAGNITUDES, STEM_MAGNITUDES, Graph, Refinement, Transform
from auralflow.models.layers.keys import key_of_target
from auralflow.models.layers.masks import Mask
from auralflow.models.openunmix.config import OpenUnmixConfig
from auralflow.models.openunmix.core import TargetNetwork
from auralflow.models.openunmix.weights import rename_published, sample_rate_of
from auralflow.models.signal import Signal
from auralflow.shapes import Magnitudes, Mixture, Spectrum, Stems, StemSpectrum

__all__ = ["OpenUnmix"]


class OpenUnmix(Separator):
    """Magnitudes through a network for each target to masks; audio through a Wiener filter over all of them."""

    def __init__(self, config: Config, *, signal: Signal, targets: tuple[str, ...]) -> None:
        super().__init__(config, signal=signal, targets=targets)
        if not isinstance(config, OpenUnmixConfig):
            raise ModelError(
                f"OpenUnmix was given a {type(config).__name__}: build it with "
                'auralflow.models.create("openunmix", …)'
            )
        _check(config, len(targets))
        self.step = signal.hop_length
        self.filter = config.wiener
        self.stft = Stft(
            num_fft=signal.num_fft,
            window_size=signal.window_size,
            hop_length=signal.hop_length,
            edges="mirror",
            scale="sum",
        )
        bins_heard = _bins_below(config.bandwidth, signal)
        self.target_models = nn.ModuleDict(
            {
                key_of_target(name): TargetNetwork(
                    config, channels=signal.channels, bins=signal.bins, bins_heard=bins_heard
                )
                for name in targets
            }
        )
        self.mask = (
            Mask(config.mask_activation, targets=len(targets), bounded=False)
            if config.task == "mask"
            else None
        )
        register: Any = self.register_load_state_dict_pre_hook  # torch has no types for it
        register(_adapt_state)

    def estimate(self, mixture: Mixture) -> Estimate:
        """Magnitudes `B S C F N`, with the divergence of variational bottlenecks."""
        spectrum = self.stft(mixture)
        values, divergences = self._magnitudes(spectrum.abs())

        def audio() -> Stems:
            return self._audio(self._filtered(values, spectrum), mixture.shape[-1])

        return Estimate(
            values, audio, {"kl": torch.stack(divergences).sum()} if divergences else {}
        )

    def _audio(self, spectra: StemSpectrum, samples: int) -> Stems:
        # One target after the other: the frames of all at once are the largest thing in memory.
        return torch.stack([self.stft.inverse(part, samples) for part in spectra.unbind(1)], dim=1)

    def _magnitudes(self, mixture: Tensor) -> tuple[Magnitudes, list[Tensor]]:
        """Magnitudes of the stems and divergences, from magnitudes `B C F N` of the mixture."""
        magnitude = mixture.permute(3, 0, 1, 2)
        answers = [network(magnitude) for network in self.target_models.values()]
        divergences = [answer.divergence for answer in answers if answer.divergence is not None]
        features = _stacked([answer.features for answer in answers])
        # With those of all targets together these are the widest tensors of the network: none is kept beside the next.
        del answers
        heard = magnitude.unsqueeze(1)
        loud = torch.relu(features) if self.mask is None else self.mask(features) * heard
        return loud.permute(2, 1, 3, 4, 0), divergences

    def graph(self) -> Graph:
        """From magnitudes to those of the stems; the filter is what comes after."""
        signal, keys = self.signal, self.filter
        transform = Transform(
            signal.num_fft,
            signal.window_size,
            signal.hop_length,
            framing="mirror",
            scale="sum",
            bins=signal.bins,
        )
        return Graph(
            (MAGNITUDES,),
            (STEM_MAGNITUDES,),
            lambda magnitude: (self._magnitudes(magnitude)[0],),
            listen=lambda mixture: (self.stft(mixture).abs(),),
            frames=self.stft.frames,
            transform=transform,
            refinement=Refinement(self._iterations, keys.softmask, keys.residual, keys.window),
        )

    @property
    def _iterations(self) -> int:
        alone = len(self.targets) == 1 and not self.filter.residual
        return 0 if alone else self.filter.iterations

    def _filtered(self, magnitudes: Magnitudes, spectrum: Spectrum) -> StemSpectrum:
        targets = len(self.targets)
        with torch.autocast(spectrum.device.type, enabled=False):
            spectra = wiener(
                magnitudes,
                spectrum,
                iterations=self._iterations,
                softmask=self.filter.softmask,
                residual=self.filter.residual,
                window=self.filter.window,
            )
        return spectra[:, :targets]

    def reference(self, stems: Stems) -> Tensor:
        """Magnitudes `B S C F N` of true stems."""
        return self.stft.magnitude(stems)

    def levels(self) -> Iterator[tuple[str, nn.Module]]:
        """The layers with weights, target after target."""
        for target, network in zip(self.targets, self.target_models.values(), strict=True):
            for name in ("fc1", "lstm", "conv", "variational", "fc2", "fc3"):
                layer = getattr(network, name)
                if layer is not None:
                    yield f"{target}: {name}", layer


def _check(config: OpenUnmixConfig, targets: int) -> None:
    """Raise `ModelError` for values that do not fit together."""
    recurrent = config.bottleneck.type == "lstm" and config.bottleneck.layers > 0
    if recurrent and not config.unidirectional and config.init_features % 2:
        raise ModelError(
            f"init-features is {config.init_features}, which two directions of recurrent layers cannot share: "
            "make it even, or set unidirectional"
        )
    if config.wiener.softmask and targets == 1:
        raise ModelError(
            "wiener.softmask is true and there is one target, whose share would be the whole mixture: "
            "turn it off, or add a target"
        )


def _bins_below(bandwidth: float | None, signal: Signal) -> int:
    """Number of bins that are not above a frequency in Hz, the one at 0 Hz included."""
    if bandwidth is None:
        return signal.bins
    return min(signal.bins, int(bandwidth * signal.num_fft / signal.sample_rate) + 1)


def _stacked(features: list[Tensor]) -> Tensor:
    """Targets' features `N B C F` as `N S B C F`; a target alone is not copied."""
    return features[0].unsqueeze(1) if len(features) == 1 else torch.stack(features, dim=1)


def _adapt_state(module: nn.Module, state: dict[str, Any], prefix: str, *rest: Any) -> None:
    """Take the states of the package too, but for another sample rate."""
    problems: list[str] = rest[-1]
    if not isinstance(module, OpenUnmix):
        return
    rate = sample_rate_of(state, prefix, module.targets[0])
    if rate is not None and rate != module.signal.sample_rate:
        problems.append(
            f"the weights are for {rate:g} Hz, the network is for {module.signal.sample_rate} Hz: "
            "build it with that sample rate"
        )
    rename_published(state, prefix, module.targets)
