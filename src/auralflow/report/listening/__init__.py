"""The listening report: one HTML file in which people compare separations by ear, by eye and by number."""

from auralflow.report.listening.choosing import choose_excerpt, choose_tracks
from auralflow.report.listening.page import ListeningPage, ListeningTrack, MetricRow
from auralflow.report.listening.write import write_listening_report

__all__ = [
    "ListeningPage",
    "ListeningTrack",
    "MetricRow",
    "choose_excerpt",
    "choose_tracks",
    "write_listening_report",
]
