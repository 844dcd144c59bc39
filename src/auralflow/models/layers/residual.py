"""Residual branches of Demucs: dilated convolutions through a narrow waist, with an LSTM and attention inside.

Source: Défossez, "Hybrid Spectrogram and Waveform Source Separation", MDX workshop 2021, section 3.1. Compatible with
demucs.demucs.DConv of demucs 4.1.0 (MIT licence), names of weights included.
"""

from torch import Tensor, nn

from auralflow.errors import ModelError
from auralflow.models.layers.attention import LocalAttention
from auralflow.models.layers.gated import add_gated
from auralflow.models.layers.recurrent import BLSTM, LayerScale
from auralflow.models.layers.rows import Gate, RowConv1d, RowGroupNorm

__all__ = ["ResidualBranch"]

_LSTM_WINDOW = 200


class ResidualBranch(nn.Module):
    """Features `B K T` with `depth` branches added one after the other, the d-th dilated by 2ᵈ.

        ─┬─▶ conv, dilated ─▶ norm ─▶ GELU ─▶ LSTM ─▶ attention ─▶ conv ─▶ norm ─▶ GLU ─▶ scale ─▶ + ─▶
         └──────────────────────────────────────────────────────────────────────────────────────────▲

    `compress` is by how much the waist is narrower.
    """

    def __init__(
        self,
        features: int,
        *,
        compress: float,
        depth: int,
        scale: float,
        attention: bool,
        lstm: bool,
        gelu: bool = True,
        norm: bool = True,
        kernel_size: int = 3,
        heads: int = 4,
        decays: int = 4,
    ) -> None:
        super().__init__()
        waist = int(features / compress)
        if waist < 1:
            raise ModelError(
                f"residual.compress is {compress}, which leaves nothing of {features} features: make it smaller, or "
                "init-features larger"
            )
        self.layers = nn.ModuleList()
        for level in range(depth):
            dilation = 2**level
            parts: list[nn.Module] = [
                RowConv1d(
                    features,
                    waist,
                    kernel_size,
                    dilation=dilation,
                    padding=dilation * (kernel_size // 2),
                ),
                RowGroupNorm(1, waist) if norm else nn.Identity(),
                nn.GELU() if gelu else nn.ReLU(),
            ]
            if lstm:
                parts.append(BLSTM(waist, layers=2, window=_LSTM_WINDOW, skip=True))
            if attention:
                parts.append(LocalAttention(waist, heads=heads, decays=decays))
            parts += [
                RowConv1d(waist, 2 * features, 1),
                RowGroupNorm(1, 2 * features) if norm else nn.Identity(),
                Gate(),
                LayerScale(features, scale),
            ]
            self.layers.append(nn.Sequential(*parts))

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same shape. Those that are given must be nobody else's where no gradient is wanted."""
        for layer in self.layers:
            *parts, conv, norm, gate, scale = layer.children()
            branch = features
            for part in parts:
                branch = part(branch)
            features = add_gated(features, branch, (conv, norm, gate), scale.get_parameter("scale"))
        return features
