"""Demucs' files: the class of a network, what it was made with, and its weights in half precision.

Source of the names and defaults of arguments: the package demucs 4.1.0 (MIT licence). As there, arguments that a class does
not know are passed over, and those that are absent have its defaults.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from auralflow.errors import CheckpointError
from auralflow.pretrained.catalogue import Pretrained
from auralflow.pretrained.imported import Imported, tensors_of
from auralflow.pretrained.inert import Inert, read_inert

__all__ = ["import_demucs"]

_BRANCHES = ("none", "encoder", "decoder", "both")
_SAME = ("growth", "stride", "norm_starts", "norm_groups", "rescale")
_HYBRID: Mapping[str, str] = {
    **{name: name for name in _SAME},
    **{
        name: name
        for name in ("kernel_size", "time_stride", "context", "freq_emb", "emb_scale", "emb_smooth")
    },
    "channels": "init-features",
    "channels_time": "init-features-time",
    "depth": "max-layers",
    "context_enc": "context-encoder",
    "multi_freqs_depth": "multi-freqs-depth",
    "cac": "complex-as-channels",
    "wiener_iters": "wiener.iterations",
    "wiener_residual": "wiener.residual",
    "dconv_depth": "residual.depth",
    "dconv_comp": "residual.compress",
    "dconv_init": "residual.scale",
}
_WAVEFORM: Mapping[str, str] = {
    **{name: name for name in _SAME},
    "channels": "init-features",
    "depth": "max-layers",
    "lstm_layers": "bottleneck.layers",
    "normalize": "input-norm",
    "resample": "resample",
    "dconv_depth": "residual.depth",
    "dconv_comp": "residual.compress",
    "dconv_attn": "residual.attention-from",
    "dconv_lstm": "residual.lstm-from",
    "dconv_init": "residual.scale",
}
_TRANSFORMER: Mapping[str, str] = {
    "bottom_channels": "bottom-channels",
    **{
        f"t_{name}": f"transformer.{name}"
        for name in (
            *("layers", "emb", "hidden_scale", "heads", "dropout", "max_positions", "norm_in"),
            *("norm_in_group", "group_norm", "norm_first", "norm_out", "max_period"),
            *("layer_scale", "gelu", "weight_pos_embed", "sin_random_shift", "cross_first"),
        )
    },
    "t_cape_mean_normalize": "transformer.cape.mean-normalize",
    "t_cape_augment": "transformer.cape.augment",
}
_SHARES = {
    *("growth", "rescale", "freq_emb", "emb_scale", "residual.compress", "residual.scale"),
    *("transformer.hidden_scale", "transformer.dropout", "transformer.max_period"),
    "transformer.weight_pos_embed",
}
"""Keys that are floats, where the files may have whole numbers."""


def import_demucs(entry: Pretrained, files: Sequence[Path]) -> Imported:
    """The one network of a file; its class is a name here, and nothing of the package is needed."""
    (path,) = files
    content = read_inert(path)
    try:
        kind, positional, named = content["klass"], content["args"], dict(content["kwargs"])
        state = content["state"]
        name = kind.name if isinstance(kind, type) and issubclass(kind, Inert) else ""
        build = _KINDS[name.rsplit(".", 1)[-1]]
        # The first argument of all three classes is the list of sources.
        targets = tuple(str(target) for target in (*positional, named.pop("sources", ()))[0])
        quantised = "__quantized" in state
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise CheckpointError(
            f"{path} holds no network of Demucs, HDemucs or HTDemucs: use a file of weights that demucs published"
        ) from error
    if quantised:
        raise CheckpointError(
            f"{path} holds quantised weights, which only the package diffq unpacks: use {entry.name.removesuffix('_q')}"
        )
    return Imported(build(named, path), targets, tensors_of(state, path))


def _waveform(given: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Keys of Demucs."""
    arguments = {
        "context": 1,
        "kernel_size": 8,
        "rewrite": True,
        "gelu": True,
        "glu": True,
        "lstm_layers": 0,
        "norm_starts": 4,
        "dconv_mode": 1,
        "resample": True,
        **given,
    }
    _require(arguments, path, glu=True)
    kernel, layers = arguments["kernel_size"], 2 if arguments["rewrite"] else 1
    values = _renamed(arguments, _WAVEFORM)
    values |= {
        "base-model": "demucs",
        "activation": "gelu" if arguments["gelu"] else "relu",
        "encoder.kernel-size": [kernel, 1],
        "encoder.block-layers": layers,
        "decoder.kernel-size": [2 * arguments["context"] + 1, kernel],
        "decoder.block-layers": layers,
        "residual.where": _BRANCHES[arguments["dconv_mode"]],
    }
    return {**values, **_signal(arguments, {})}


def _hybrid(given: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Keys of Hybrid Demucs."""
    arguments = {"dconv_mode": 1, "rewrite": True, "nfft": 4096, **given}
    _require(arguments, path, rewrite=True)
    values = _renamed(
        arguments,
        {
            **_HYBRID,
            "hybrid": "hybrid",
            "hybrid_old": "hybrid-old",
            "dconv_attn": "residual.attention-from",
            "dconv_lstm": "residual.lstm-from",
        },
    )
    values |= {
        "base-model": "hdemucs",
        "residual.where": _BRANCHES[arguments["dconv_mode"]],
        "multi-freqs": list(arguments.get("multi_freqs") or ()),
    }
    return {**values, **_signal(arguments, _transform(arguments["nfft"]))}


def _transformer(given: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Keys of Hybrid Transformer Demucs."""
    arguments = {
        "dconv_mode": 1,
        "rewrite": True,
        "nfft": 4096,
        "segment": 10,
        "use_train_segment": True,
        "t_sparse_self_attn": False,
        "t_sparse_cross_attn": False,
        **given,
    }
    _require(arguments, path, rewrite=True, t_sparse_self_attn=False, t_sparse_cross_attn=False)
    values = _renamed(arguments, {**_HYBRID, **_TRANSFORMER})
    values |= {
        "base-model": "htdemucs",
        "residual.where": _BRANCHES[arguments["dconv_mode"]],
        "multi-freqs": list(arguments.get("multi_freqs") or ()),
        "pad-to": _seconds(arguments["segment"]) if arguments["use_train_segment"] else 0.0,
    }
    if cape := arguments.get("t_cape_glob_loc_scale"):
        names = ("global-shift", "local-shift", "max-scale")
        values |= {
            f"transformer.cape.{name}": float(value)
            for name, value in zip(names, cape, strict=True)
        }
    return {**values, **_signal(arguments, _transform(arguments["nfft"]))}


_KINDS: Mapping[str, Callable[[Mapping[str, Any], Path], dict[str, Any]]] = {
    "Demucs": _waveform,
    "HDemucs": _hybrid,
    "HTDemucs": _transformer,
}


def _renamed(arguments: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        own.replace("_", "-"): float(arguments[name]) if own in _SHARES else arguments[name]
        for name, own in names.items()
        if name in arguments
    }


def _signal(arguments: Mapping[str, Any], transform: Mapping[str, int]) -> dict[str, Any]:
    return {
        "sample-rate": int(arguments.get("samplerate", 44_100)),
        "mono": arguments.get("audio_channels", 2) == 1,
        **transform,
    }


def _transform(size: int) -> dict[str, int]:
    return {"num-fft": size, "window-size": size, "hop-length": size // 4}


def _seconds(value: Any) -> float:
    """A number, or the fraction 39/5 as a stand-in has it: `Fraction("39/5")` or `Fraction(39, 5)`."""
    if not isinstance(value, Inert):
        return float(value)
    first, *rest = value.arguments
    over, _, under = str(first).partition("/")
    return float(over) / float(rest[0] if rest else under or 1)


def _require(arguments: Mapping[str, Any], path: Path, **wanted: bool) -> None:
    for name, value in wanted.items():
        if bool(arguments[name]) != value:
            raise CheckpointError(
                f"{path} has a network with {name} {arguments[name]}, which the one here cannot be: use other weights"
            )
