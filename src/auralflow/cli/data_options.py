"""What the commands on data share: the dataset, and the keys of the data section that are about it."""

from pathlib import Path
from typing import Any

import click

from auralflow.cli.flags import options_of, values_given
from auralflow.config import Layer, parameters_of, resolve
from auralflow.datasets.config import DataConfig

__all__ = ["data_argument", "data_option", "dataset_options", "read_data_config"]


def data_argument(*, required: bool = True) -> click.Argument:
    """The dataset, or several."""
    return click.Argument(
        ["data"], nargs=-1, required=required, type=click.Path(path_type=Path), metavar="DATA"
    )


def data_option() -> click.Option:
    """The dataset as a flag, which may be given several times."""
    return click.Option(
        ["--data"],
        type=click.Path(path_type=Path),
        required=True,
        multiple=True,
        help="Folder of the dataset, a manifest, or a YAML file that describes several; can be given several times.",
    )


def dataset_options(*keys: str) -> list[click.Parameter]:
    """Flags for some keys of the data section."""
    leaves = [("data", leaf) for leaf in parameters_of(DataConfig) if leaf.key in keys]
    return options_of(leaves, {"data": "Dataset"})


def read_data_config(**values: Any) -> DataConfig:
    """The data section as the flags have it, with some values laid over them."""
    flags = values_given(click.get_current_context())
    return resolve(DataConfig, [Layer("flag", flags)]).value.model_copy(update=values)
