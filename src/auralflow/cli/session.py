"""`auralflow session`."""

from auralflow.cli.groups import Group

__all__ = ["command"]

command = Group(
    "session",
    {
        "show": (
            "auralflow.cli.session_show",
            "All models side by side: what differs, how long they trained, how good they are.",
        ),
    },
    help="Look at the models of a session.",
)
