"""`auralflow data`."""

from auralflow.cli.groups import Group

__all__ = ["command"]

_HOME = "auralflow.cli.data_"

command = Group(
    "data",
    {
        "show": (f"{_HOME}show", "What is in a folder: layout, tracks, stems, hours, problems."),
        "check": (f"{_HOME}check", "Look through every recording for what is wrong with it."),
        "prepare": (f"{_HOME}prepare", "Decode once what training reads, before it starts."),
        "replay": (f"{_HOME}replay", "Write chunks of a training as files to be listened to."),
        "clear": (f"{_HOME}clear", "Remove what was decoded."),
        "synth": (f"{_HOME}synth", "Compose songs with stems, or render MIDI files."),
    },
    help="Look at datasets, check, prepare and compose them.",
)
