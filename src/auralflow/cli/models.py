"""`auralflow models`."""

from auralflow.cli.groups import Group

__all__ = ["command"]

command = Group(
    "models",
    {
        "list": ("auralflow.cli.models_list", "All networks, with their other names."),
        "show": (
            "auralflow.cli.models_show",
            "Levels, parameters, multiply-adds and receptive field of one.",
        ),
    },
    help="List the networks, or show what one is made of.",
)
