"""What a benchmark ran on."""

import platform
from pathlib import Path

__all__ = ["processor"]


def processor() -> str:
    """What the machine calls its processor."""
    info = Path("/proc/cpuinfo")
    names = info.read_text().splitlines() if info.exists() else []
    named = [line.split(":")[1].strip() for line in names if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()
