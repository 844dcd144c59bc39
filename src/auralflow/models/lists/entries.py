"""What can stand in a list of layers, and lists read into checked entries.

An entry is `[layer]`, `[layer, value]` or `[layer, {name: value, …}]`. Lengths that a spectrogram may have different
in its two directions can be pairs, bins first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from sys import float_info
from typing import Any

from auralflow.config.files import show_value
from auralflow.config.layers import did_you_mean

__all__ = ["LAYERS", "Entry", "Kind", "read_entries"]

Size = int | tuple[int, int]


@dataclass(frozen=True)
class Value:
    """One value that a layer takes."""

    default: Any
    """What it is where the entry does not say; None leaves it to the place in the network."""
    allowed: str
    """In words, for messages."""
    fits: Callable[[Any], bool]


@dataclass(frozen=True)
class Kind:
    """One layer that lists can name."""

    role: str
    """What it does to shapes: `conv`, `up`, `down`, `norm`, `activation`, `dropout`, `sequence` or `variational`."""
    values: Mapping[str, Value]
    """By name; the first is the one that `[layer, value]` sets."""
    explanation: str

    def allowed(self) -> str:
        """The values in words."""
        if not self.values:
            return "takes no value"
        first, *others = self.values.items()
        text = f"takes {first[0]}, {first[1].allowed}"
        return text + "".join(f", {name}, {value.allowed}" for name, value in others)


@dataclass(frozen=True)
class Entry:
    """One layer of a list, with all its values."""

    layer: str
    values: Mapping[str, Any]
    place: str
    """Where it stands, for messages: `entry 2 of encoder, [conv, 3]`."""

    @property
    def role(self) -> str:
        """The role of its kind."""
        return LAYERS[self.layer].role


def _number(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= float_info.max
        and fits(value)
    )


def _whole(fits: Callable[[int], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and fits(value)


def _size(fits: Callable[[int], bool]) -> Callable[[Any], bool]:
    one = _whole(fits)
    return lambda value: (
        one(value)
        or (isinstance(value, tuple) and len(value) == 2 and all(one(part) for part in value))
    )


_PAIR = "or a pair (bins, frames)"
_ODD = Value(3, f"an odd number from 1 {_PAIR}", _size(lambda n: n > 0 and n % 2 == 1))
_KERNEL = Value(None, f"a whole number from 1 {_PAIR}", _size(lambda n: n > 0))
_STEP = Value(1, f"a whole number from 1 {_PAIR}", _size(lambda n: n > 0))
_STRIDE = Value(None, f"a whole number from 1 {_PAIR}", _size(lambda n: n > 0))
_FACTOR = Value(2, f"a whole number from 1 {_PAIR}", _size(lambda n: n > 0))
_COUNT = Value(1, "a whole number from 1", _whole(lambda n: n > 0))
_SHARE = Value(0.5, "a share from 0 to 1", _number(lambda x: 0 <= x <= 1))
_SWITCH = Value(True, "true or false", lambda value: isinstance(value, bool))


def _slope(default: float) -> Value:
    return Value(default, "a number from 0", _number(lambda x: x >= 0))


LAYERS: Mapping[str, Kind] = {
    "conv": Kind(
        "conv",
        {"kernel_size": _ODD, "stride": _STEP, "dilation": _STEP},
        "convolution, padded with zeros; a stride divides the resolution",
    ),
    "transpose_conv": Kind(
        "up",
        {"kernel_size": _KERNEL, "stride": _STRIDE},
        "transposed convolution; its stride is the encoder's, its kernel by default too",
    ),
    "upsample": Kind(
        "up",
        {
            "factor": _STRIDE,
            "mode": Value("nearest", "nearest or linear", lambda v: v in ("nearest", "linear")),
        },
        "repeats or interpolates values; its factor is the encoder's",
    ),
    "max_pool": Kind("down", {"factor": _FACTOR}, "largest of so many neighbours"),
    "avg_pool": Kind("down", {"factor": _FACTOR}, "mean of so many neighbours"),
    "decimate": Kind("down", {"factor": _FACTOR}, "the first of so many neighbours"),
    "batch_norm": Kind("norm", {}, "statistics of the batch, gathered in training"),
    "group_norm": Kind("norm", {"groups": _COUNT}, "over groups of features and all places"),
    "instance_norm": Kind("norm", {}, "over all places, each feature on its own"),
    "layer_norm": Kind("norm", {}, "over the features, each place on its own"),
    "dropout": Kind("dropout", {"share": _SHARE}, "sets a share of values to zero in training"),
    "relu": Kind("activation", {}, "max(x, 0)"),
    "leaky_relu": Kind("activation", {"slope": _slope(0.01)}, "max(x, slope · x)"),
    "prelu": Kind("activation", {"slope": _slope(0.25)}, "leaky_relu whose slope is learned"),
    "elu": Kind("activation", {"alpha": _slope(1.0)}, "x, or alpha · (eˣ − 1) below zero"),
    "gelu": Kind("activation", {}, "x times the normal distribution function"),
    "selu": Kind("activation", {}, "elu scaled so that it keeps mean and variance"),
    "silu": Kind("activation", {}, "x times its sigmoid"),
    "tanh": Kind("activation", {}, "to between -1 and 1"),
    "sigmoid": Kind("activation", {}, "to between 0 and 1"),
    "glu": Kind("activation", {}, "half of the features, times the sigmoid of the others"),
    "lstm": Kind(
        "sequence",
        {"layers": _COUNT, "bidirectional": _SWITCH},
        "recurrent layers over time, and a linear one back to the width",
    ),
    "gru": Kind(
        "sequence",
        {"layers": _COUNT, "bidirectional": _SWITCH},
        "the same with gated recurrent units",
    ),
    "attention": Kind(
        "sequence",
        {"heads": Value(4, "a whole number from 1", _whole(lambda n: n > 0))},
        "every place looks at all others; added to its input",
    ),
    "variational": Kind(
        "variational",
        {"kl_weight": _slope(0.001)},
        "mean and variance, drawn from in training; its divergence times this is added to the loss",
    ),
}

_ROLES_OF_LISTS = {
    "encoder": ("conv", "down", "norm", "activation", "dropout", "recurrent"),
    "decoder": ("conv", "up", "norm", "activation", "dropout", "recurrent"),
    "bottleneck": (
        "conv", "norm", "activation", "dropout", "recurrent", "attention", "variational",
    ),
}  # fmt: skip


def layers_of(name: str) -> list[str]:
    """The layers that a list of this name can hold."""
    return [layer for layer in LAYERS if _belongs(layer, name)]


def _belongs(layer: str, name: str) -> bool:
    role = LAYERS[layer].role
    if role == "sequence":
        role = "attention" if layer == "attention" else "recurrent"
    return role in _ROLES_OF_LISTS[name]


def read_entries(name: str, layers: Sequence[Any]) -> tuple[Entry, ...]:
    """The entries of a list called `encoder`, `decoder` or `bottleneck`; what was given is not changed.

    Raises `ValueError` with every entry that is wrong.
    """
    entries, problems = [], []
    for position, given in enumerate(layers, start=1):
        place = f"entry {position} of {name}, {show_value(given)},"
        try:
            entries.append(_read(name, given, place))
        except ValueError as error:
            problems.append(f"{place} {error}")
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(entries)


def _read(name: str, given: Any, place: str) -> Entry:
    if isinstance(given, str):
        raise ValueError(f"is a word: write [{given}], or [{given}, value]")
    if not isinstance(given, Sequence) or not 1 <= len(given) <= 2 or not isinstance(given[0], str):
        raise ValueError("must be [layer] or [layer, value]")
    layer = given[0].lower().replace("-", "_")
    if layer not in LAYERS:
        known = layers_of(name)
        raise ValueError(
            f"names no layer{did_you_mean(layer, known)}: {name} can hold {', '.join(known)}"
        )
    if not _belongs(layer, name):
        raise ValueError(
            f"has a {layer}, which {name} cannot hold: it can hold {', '.join(layers_of(name))}"
        )
    kind = LAYERS[layer]
    values = {key: value.default for key, value in kind.values.items()}
    for key, value in _named(kind, given[1:]):
        if key not in kind.values:
            raise ValueError(f"gives {key}, but {layer} {kind.allowed()}")
        if not kind.values[key].fits(value):
            allowed = kind.values[key].allowed
            raise ValueError(f"gives {key} {show_value(value)}, but {layer} takes {allowed} there")
        values[key] = value
    if name != "encoder" and values.get("stride", 1) not in (1, (1, 1)) and kind.role == "conv":
        raise ValueError(
            f"gives stride {show_value(values['stride'])}, but only the encoder divides the resolution: {name} takes 1 there"
        )
    return Entry(layer, values, place)


def _named(kind: Kind, given: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for value in given:
        if value is None:
            continue
        if isinstance(value, Mapping):
            for key, inner in value.items():
                yield str(key).replace("-", "_"), _tuple(inner)
        else:
            yield next(iter(kind.values), "a value"), _tuple(value)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
