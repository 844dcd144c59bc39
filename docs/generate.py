"""Writes the tables that follow from the code into the pages: `python docs/generate.py`.

A table stands between `<!-- generated: NAME -->` and `<!-- end of generated -->`, whatever page it is on.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from auralflow.app.config import AppConfig
from auralflow.config import Config, Parameter, parameters_of
from auralflow.config.base import snake
from auralflow.config.files import show_value
from auralflow.config.parameters import section_of
from auralflow.metrics import METRICS
from auralflow.models import ARCHITECTURES
from auralflow.models.lists.entries import LAYERS, layers_of
from auralflow.pretrained import PRETRAINED
from auralflow.separation.config import SeparationConfig
from auralflow.settings import TrainConfig
from auralflow.settings.data import DataSettings

DOCS = Path(__file__).resolve().parent
_PLACE = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end of generated -->)", re.DOTALL)


def regenerated(page: str) -> str:
    """The text of a page with all its tables as the code has them now."""
    return _PLACE.sub(lambda found: found[1] + TABLES[found[2]]() + found[3], page)


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in cells) + "\n"


def _keys(*sections: type[Config]) -> str:
    leaves = {leaf.key: (leaf, section) for section in sections for leaf in parameters_of(section)}
    rows = (
        [f"`{key}`", _default(leaf), _values(leaf, section), leaf.doc.replace("<", "&lt;")]
        for key, (leaf, section) in leaves.items()
    )
    return _table(["key", "default", "values", "what it does"], rows)


def _default(leaf: Parameter) -> str:
    return "none" if leaf.default is None else f"`{show_value(leaf.default)}`"


def _values(leaf: Parameter, section: type[Config]) -> str:
    if leaf.options:
        return ", ".join(f"`{word}`" for word in leaf.options)
    name = leaf.type_name.replace("a list of a word", "a list of words")
    limits = {
        type(limit): next(iter(asdict(limit).values()))
        for limit in _field(section, leaf.key).metadata
        if isinstance(limit, Gt | Ge | Le)
    }
    words = {Gt: "above", Ge: "from", Le: "to"}
    return " ".join([name, *(f"{words[kind]} {limit}" for kind, limit in limits.items())])


def _field(section: type[Config], key: str) -> FieldInfo:
    first, _, rest = key.partition(".")
    field = section.model_fields[snake(first)]
    inner = section_of(field.annotation)
    return field if inner is None else _field(inner, rest)


def _architectures() -> str:
    rows = (
        [
            f"`{entry.name}`",
            ", ".join(f"`{alias}`" for alias in entry.aliases),
            entry.summary,
        ]
        for entry in ARCHITECTURES
    )
    return _table(["name", "also", "what"], rows)


def _layers() -> str:
    """What each list can hold."""
    lists = ("encoder", "decoder", "bottleneck")
    rows = (
        [
            f"`{name}`",
            ", ".join(where for where in lists if name in layers_of(where)),
            "; ".join(
                f"`{key}`: {value.allowed}"
                + ("" if value.default is None else f" (`{show_value(value.default)}`)")
                for key, value in kind.values.items()
            ),
            kind.explanation,
        ]
        for name, kind in LAYERS.items()
    )
    return _table(["layer", "in", "values, the first of which `[layer, value]` sets", "what"], rows)


def _metrics() -> str:
    rows = (
        [
            f"[{metric.label}](reference/metrics.md#{metric.name})",
            f"`{metric.name}`",
            "frames of 1 s" if metric.framewise else "whole track",
            metric.explanation,
        ]
        for metric in METRICS.values()
        if metric.by_default
    )
    return _table(["metric", "in metrics.json", "measured over", "what"], rows)


def _all_metrics() -> str:
    rows = (
        [
            f"[{metric.label}](#{metric.name})",
            ", ".join(f"`{name}`" for name in (metric.name, *metric.aliases)),
            metric.unit or "–",
            "higher" if metric.higher_is_better else "lower",
            "always" if metric.by_default else "on request",
            "yes" if metric.has_gain else "no",
            metric.source,
        ]
        for metric in METRICS.values()
    )
    heading = ["metric", "name", "unit", "better", "measured", "gain", "source"]
    return _table(heading, rows)


def _own_defaults() -> str:
    """Values of the data section that differ from one architecture to another."""
    common = {leaf.key: leaf.default for leaf in parameters_of(DataSettings)}
    owners = [entry for entry in ARCHITECTURES if entry.data]
    keys = sorted({key for entry in owners for key in entry.data})
    others = ["all others", *(f"`{show_value(common[key])}`" for key in keys)]
    rows = (
        [
            f"`{entry.name}`",
            *(f"`{show_value(entry.data.get(key, common[key]))}`" for key in keys),
        ]
        for entry in owners
    )
    return _table(["architecture", *(f"`{key}`" for key in keys)], [*rows, others])


def _pretrained() -> str:
    rows = (
        [
            f"`{entry.name}`",
            f"`{entry.architecture}`",
            ", ".join(entry.targets),
            entry.trained_on,
            entry.score or "unknown",
            entry.licence,
        ]
        for entry in PRETRAINED
        if not entry.is_member
    )
    return _table(["name", "network", "targets", "trained on", "score in dB", "licence"], rows)


_FAMILIES = {
    str(entry.config.model_fields["base_model"].default): entry.config for entry in ARCHITECTURES
}

TABLES: dict[str, Callable[[], str]] = {
    **{f"model-{name}": partial(_keys, section) for name, section in _FAMILIES.items()},
    "defaults": _own_defaults,
    "data": lambda: _keys(DataSettings),
    "train": lambda: _keys(TrainConfig),
    "app": lambda: _keys(AppConfig),
    "separation": lambda: _keys(SeparationConfig),
    "layers": _layers,
    "architectures": _architectures,
    "metrics": _metrics,
    "pretrained": _pretrained,
    "all-metrics": _all_metrics,
}


def main() -> None:
    """Bring every page up to date and name those that changed."""
    for path in sorted(DOCS.rglob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = regenerated(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(path.relative_to(DOCS.parent))


if __name__ == "__main__":
    main()
