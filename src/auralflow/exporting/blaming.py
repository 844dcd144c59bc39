"""What an exporter could not do, from what it raised."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

__all__ = ["operator_in", "version"]

_OPERATOR = re.compile(r"\b((?:aten|prims|auralflow|higher_order)(?:::|\.)\w+)")
_LONGEST = 200


def operator_in(error: BaseException) -> str:
    """The operator that an exporter names in its error, or else what it says first."""
    chain = list(_chain(error))
    for link in reversed(chain):
        found = _OPERATOR.search(str(link))
        if found:
            return f"operator {found[1]}"
    lines = [line.strip() for line in str(chain[-1]).splitlines() if line.strip()]
    said = lines[0] if lines else type(chain[-1]).__name__
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, then what caused it."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def version(package: str) -> str:
    """The installed version of a package."""
    try:
        return version_of(package)
    except PackageNotFoundError:
        return "of unknown version"
