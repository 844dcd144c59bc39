"""Small networks of the Demucs family, and what builds the same ones in the package demucs."""

from dataclasses import dataclass, field
from typing import Any

from auralflow.models import Separator, create

__all__ = ["CASES", "DemucsCase", "network"]

STEMS = ("drums", "vocals")


@dataclass(frozen=True)
class DemucsCase:
    """One network on both sides."""

    name: str
    base: str
    keys: dict[str, Any]
    package: dict[str, Any]
    """Arguments of the package's class."""
    samples: int = 4000
    channels: int = 2
    signal: dict[str, Any] = field(default_factory=dict)

    @property
    def golden(self) -> str:
        """The name of the stored answer."""
        return f"{self.base}-{self.name}"

    def __str__(self) -> str:
        """For the names of tests."""
        return self.golden


_2019: dict[str, Any] = {
    "lstm_layers": 2,
    "gelu": False,
    "norm_starts": 99,
    "dconv_mode": 0,
    "resample": False,
}
_V3: dict[str, Any] = {
    "activation": "gelu",
    "norm_starts": 4,
    "resample": True,
    "bottleneck": {"layers": 0},
    "residual": {"where": "encoder"},
}
_SHORT: dict[str, Any] = {"num_fft": 256, "window_size": 256, "hop_length": 64}


def _demucs(name: str, keys: dict[str, Any], package: dict[str, Any], **rest: Any) -> DemucsCase:
    return DemucsCase(
        name, "demucs", {"init_features": 4, **keys}, {"channels": 4, **package}, **rest
    )


def _hybrid(
    base: str, name: str, keys: dict[str, Any], package: dict[str, Any], **rest: Any
) -> DemucsCase:
    """A transform of 256 samples, whose bins three levels divide down to one."""
    shape = {"channels": 16, "nfft": 256, **package}
    return DemucsCase(
        base=base,
        name=name,
        keys={"init_features": 16, **keys},
        package=shape,
        signal=_SHORT,
        **rest,
    )


CASES = [
    _demucs("2019", {}, _2019),
    _demucs("2019-short", {}, _2019, samples=2),
    _demucs("2019-mono", {"max_layers": 3}, {**_2019, "depth": 3}, channels=1),
    _demucs("v3", {**_V3, "init_features": 16}, {"channels": 16}, samples=3001),
    _demucs(
        "branches-on-both-sides",
        {"init_features": 16, "max_layers": 3, "norm_starts": 1, "norm_groups": 2, "activation": "gelu",
         "residual": {"where": "both", "depth": 3, "compress": 2.0, "attention_from": 1, "lstm_from": 2, "scale": 0.1}},
        {**_2019, "channels": 16, "depth": 3, "norm_starts": 1, "norm_groups": 2, "gelu": True,
         "dconv_mode": 3, "dconv_depth": 3, "dconv_comp": 2, "dconv_attn": 1, "dconv_lstm": 2, "dconv_init": 0.1},
    ),
    # The LSTM of a branch works in windows of 200 places from 201 on: 12,000 samples are 3000 and 749.
    _demucs(
        "windows",
        {"init_features": 16, "max_layers": 2, "bottleneck": {"layers": 0}, "residual": {"where": "decoder", "attention_from": None, "lstm_from": 1}},
        {**_2019, "channels": 16, "depth": 2, "lstm_layers": 0, "dconv_mode": 2, "dconv_attn": 9, "dconv_lstm": 1},
        samples=12_000,
    ),
    _demucs(
        "kernels-and-growth",
        {"max_layers": 3, "stride": 3, "growth": 1.5, "encoder": {"kernel_size": [5, 1]}, "decoder": {"kernel_size": [5, 5]}},
        {**_2019, "depth": 3, "stride": 3, "growth": 1.5, "kernel_size": 5, "context": 2},
    ),
    _demucs("plain-levels", {"max_layers": 2, "encoder": {"block_layers": 1}, "decoder": {"block_layers": 1}, "input_norm": False},
            {**_2019, "depth": 2, "rewrite": False, "normalize": False}),
    _hybrid("hdemucs", "defaults", {"max_layers": 4}, {"depth": 4}),
    _hybrid("hdemucs", "norms-and-branches", {"max_layers": 4, "norm_starts": 1, "residual": {"where": "both", "attention_from": 2, "lstm_from": 2, "scale": 0.1}},
            {"depth": 4, "norm_starts": 1, "dconv_mode": 3, "dconv_attn": 2, "dconv_lstm": 2, "dconv_init": 0.1}),
    _hybrid("hdemucs", "contexts-and-widths", {"max_layers": 4, "init_features_time": 8, "growth": 1.5, "context": 2, "context_encoder": 1, "freq_emb": 0.0},
            {"depth": 4, "channels_time": 8, "growth": 1.5, "context": 2, "context_enc": 1, "freq_emb": 0}, samples=3333),
    _hybrid("hdemucs", "bands", {"max_layers": 4, "multi_freqs": [0.25, 0.5]}, {"depth": 4, "multi_freqs": [0.25, 0.5]}),
    _hybrid("hdemucs", "old", {"max_layers": 4, "hybrid_old": True}, {"depth": 4, "hybrid_old": True}),
    _hybrid("hdemucs", "spectrogram-only", {"max_layers": 4, "hybrid": False}, {"depth": 4, "hybrid": False}),
    _hybrid("hdemucs", "filtered", {"max_layers": 4, "complex_as_channels": False, "wiener": {"iterations": 1}},
            {"depth": 4, "cac": False, "wiener_iters": 1, "end_iters": 1}),
    _hybrid("hdemucs", "mixture-phase", {"max_layers": 4, "complex_as_channels": False, "wiener": {"iterations": -1}},
            {"depth": 4, "cac": False, "wiener_iters": -1, "end_iters": -1}),
    _hybrid("htdemucs", "defaults", {"max_layers": 2}, {"depth": 2, "use_train_segment": False}),
    _hybrid("htdemucs", "mono", {"max_layers": 2}, {"depth": 2, "use_train_segment": False}, channels=1, samples=1001),
    _hybrid("htdemucs", "padded", {"max_layers": 2, "pad_to": 0.1}, {"depth": 2, "segment": 0.1}, samples=3000),
    _hybrid("htdemucs", "wider-transformer", {"max_layers": 2, "bottom_channels": 48, "residual": {"where": "both"}, "transformer": {"layers": 3, "heads": 4, "cross_first": True}},
            {"depth": 2, "use_train_segment": False, "bottom_channels": 48, "dconv_mode": 3, "t_layers": 3, "t_heads": 4, "t_cross_first": True}),
    _hybrid("htdemucs", "norms", {"max_layers": 2, "transformer": {"norm_first": False, "norm_out": False, "norm_in": False, "norm_in_group": True, "group_norm": True, "layer_scale": False, "gelu": False, "emb": "scaled", "max_positions": 400}},
            {"depth": 2, "use_train_segment": False, "t_norm_first": False, "t_norm_out": False, "t_norm_in": False, "t_norm_in_group": True, "t_group_norm": True, "t_layer_scale": False, "t_gelu": False, "t_emb": "scaled", "t_max_positions": 400}),
    _hybrid("htdemucs", "cape", {"max_layers": 2, "transformer": {"emb": "cape", "weight_pos_embed": 0.5, "max_period": 100.0}},
            {"depth": 2, "use_train_segment": False, "t_emb": "cape", "t_weight_pos_embed": 0.5, "t_max_period": 100.0}),
    _hybrid("htdemucs", "without-transformer", {"max_layers": 3, "transformer": {"layers": 0}}, {"depth": 3, "use_train_segment": False, "t_layers": 0}),
    # The keys as they are by default but for the width.
    DemucsCase("as-shipped", "hdemucs", {"init_features": 8}, {"channels": 8}, samples=5000),
    DemucsCase("as-shipped", "htdemucs", {"init_features": 8}, {"channels": 8, "use_train_segment": False}, samples=5000),
    # 64 samples have 32 bins, of which four levels make 16, 8, 4 and 1; two levels along time follow.
    DemucsCase("strides", "hdemucs", {"init_features": 16, "max_layers": 6, "growth": 1.0, "kernel_size": 4, "stride": 2, "time_stride": 4},
               {"channels": 16, "nfft": 64, "depth": 6, "growth": 1, "kernel_size": 4, "stride": 2, "time_stride": 4}, samples=777,
               signal={"num_fft": 64, "window_size": 64, "hop_length": 16}),
    # Less than half a transform, so that its mirror image does not reach far enough.
    _hybrid("hdemucs", "short", {"max_layers": 4}, {"depth": 4}, samples=20),
    _hybrid("hdemucs", "norms-everywhere", {"max_layers": 4, "norm_starts": 0, "norm_groups": 2}, {"depth": 4, "norm_starts": 0, "norm_groups": 2}, samples=1003),
    # 13,000 samples are 204 frames, and the LSTM of a branch works in windows of 200.
    _hybrid("hdemucs", "windows", {"max_layers": 3, "residual": {"attention_from": 9, "lstm_from": 2}}, {"depth": 3, "dconv_attn": 9, "dconv_lstm": 2}, samples=13_000),
    _hybrid("hdemucs", "plain", {"max_layers": 4, "norm_starts": None, "residual": {"where": "none"}}, {"depth": 4, "norm_starts": 99, "dconv_mode": 0}),
    _hybrid("hdemucs", "magnitudes-only", {"max_layers": 4, "hybrid": False, "complex_as_channels": False, "wiener": {"residual": True}},
            {"depth": 4, "hybrid": False, "cac": False, "wiener_residual": True}),
    _hybrid("hdemucs", "bands-of-magnitudes", {"max_layers": 3, "multi_freqs": [0.5], "multi_freqs_depth": 1, "context_encoder": 1, "complex_as_channels": False, "wiener": {"iterations": -1}, "residual": {"where": "decoder", "depth": 3, "compress": 2.0}},
            {"depth": 3, "multi_freqs": [0.5], "multi_freqs_depth": 1, "context_enc": 1, "cac": False, "wiener_iters": -1, "end_iters": -1, "dconv_mode": 2, "dconv_depth": 3, "dconv_comp": 2}),
    # Three levels leave one bin, at which the waveform has joined the spectrogram.
    _hybrid("htdemucs", "joined", {"max_layers": 3}, {"depth": 3, "use_train_segment": False}),
    _hybrid("htdemucs", "bands-and-contexts", {"max_layers": 2, "multi_freqs": [0.3, 0.6], "multi_freqs_depth": 1, "context": 0, "context_encoder": 2, "norm_starts": 1, "emb_scale": 3.0, "freq_emb": 0.5},
            {"depth": 2, "use_train_segment": False, "multi_freqs": [0.3, 0.6], "multi_freqs_depth": 1, "context": 0, "context_enc": 2, "norm_starts": 1, "emb_scale": 3, "freq_emb": 0.5}),
    _hybrid("htdemucs", "norms-last", {"max_layers": 2, "transformer": {"norm_first": False, "norm_in": False, "emb": "cape", "cape": {"mean_normalize": False, "augment": False}}},
            {"depth": 2, "use_train_segment": False, "t_norm_first": False, "t_norm_in": False, "t_emb": "cape", "t_cape_mean_normalize": False, "t_cape_augment": False}),
    _hybrid("htdemucs", "filtered", {"max_layers": 2, "complex_as_channels": False, "wiener": {"iterations": 1, "residual": True}, "transformer": {"layers": 2, "hidden_scale": 2.5, "norm_out": False}},
            {"depth": 2, "use_train_segment": False, "cac": False, "wiener_iters": 1, "end_iters": 1, "wiener_residual": True, "t_layers": 2, "t_hidden_scale": 2.5, "t_norm_out": False}),
]  # fmt: skip


def network(case: DemucsCase) -> Separator:
    """Ours, with fresh weights."""
    return create(case.base, targets=STEMS, channels=case.channels, **{**case.signal, **case.keys})
