"""What a network is made of: shapes, parameters and multiply-adds of its levels, and how far it hears."""

from auralflow.models.summary.summarise import LevelSummary, Summary, summarise
from auralflow.models.summary.text import to_text

__all__ = ["LevelSummary", "Summary", "summarise", "to_text"]
