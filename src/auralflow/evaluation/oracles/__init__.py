"""Estimates made with the true stems at hand: what is the most, and the least, that a method can reach."""

from auralflow.evaluation.oracles.oracle import ORACLES, Oracle, parse_oracles

__all__ = ["ORACLES", "Oracle", "parse_oracles"]
