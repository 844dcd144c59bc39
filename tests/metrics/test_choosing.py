"""From what a person typed to metrics."""

import pytest

from auralflow.errors import ConfigError
from auralflow.metrics import METRICS, parse_metrics


def names(typed) -> list[str]:
    return [metric.name for metric in parse_metrics(typed)]


def test_without_names_the_cheap_ones_are_measured():
    assert names(None) == names("default") == ["sdr", "usdr", "si-sdr"]


def test_names_come_once_and_in_the_order_of_the_catalogue():
    assert names("si_sdr, SDR,si-sdr") == names(["SI-SDR", "sdr"]) == ["sdr", "si-sdr"]


def test_csdr_is_another_name_of_museval_s_sdr():
    assert names("cSDR") == ["sdr"]


def test_all_is_every_metric():
    assert names("all") == list(METRICS)


def test_a_name_that_is_none_is_an_error_with_the_one_that_was_meant():
    with pytest.raises(ConfigError, match=r"metrics has si-sdrr.*did you mean si-sdr.*choose from"):
        parse_metrics("sdr,si_sdrr")


@pytest.mark.parametrize("nothing", ["", " , ", []])
def test_no_name_at_all_is_an_error(nothing):
    with pytest.raises(ConfigError, match="metrics is empty"):
        parse_metrics(nothing)
