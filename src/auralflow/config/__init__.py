"""Closed, frozen configuration sections: one declaration gives YAML, flags, help and docs."""

from auralflow.config.base import Config
from auralflow.config.files import read_config_file, to_yaml
from auralflow.config.layers import Layer, Resolved, resolve
from auralflow.config.parameters import Parameter, parameters_of

__all__ = [
    "Config",
    "Layer",
    "Parameter",
    "Resolved",
    "parameters_of",
    "read_config_file",
    "resolve",
    "to_yaml",
]
