"""What a file says about its music: title, artist, cover and so on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import av

__all__ = ["Tags", "read_tags"]

_OTHER_NAMES = {"tbpm": "bpm", "tmpo": "bpm", "tkey": "initialkey", "tracknumber": "track"}
# What is about the file and not about the music, and would be wrong of another file.
_TECHNICAL = {
    "compatible_brands", "creation_time", "duration", "encoded_by", "encoder", "handler_name", "itunnorm", "itunpgap",
    "itunsmpb", "language", "major_brand", "metadata_block_picture", "minor_version", "tlen", "tsse", "vendor_id",
}  # fmt: skip
_LOUDNESS = ("replaygain_", "r128_")


@dataclass(frozen=True)
class Tags:
    """The tags of a song, by names in lower case as FFmpeg spells them."""

    text: Mapping[str, str] = field(default_factory=dict)
    cover: bytes = b""
    """The file of a picture, JPEG or PNG; empty for none."""

    def of_stem(self, name: str) -> "Tags":
        """The same with the stem's name in the title, since five of one title are not told apart."""
        if "title" not in self.text:
            return self
        return replace(self, text={**self.text, "title": f"{self.text['title']} ({name})"})

    def __bool__(self) -> bool:
        return bool(self.text or self.cover)


def read_tags(path: Path) -> Tags:
    """The tags of an audio file; none where it has none, or none that can be read.

    What describes the file or its loudness, as the encoder's name or the replay gain, is left out.
    """
    try:
        with av.open(f"file:{path}", metadata_errors="ignore") as container:
            streams = container.streams.audio[:1]
            found = dict(container.metadata)
            for stream in streams:
                found |= stream.metadata
            return Tags(_musical(found), _cover(container))
    except (av.FFmpegError, OSError, ValueError):
        return Tags()


def _musical(found: Mapping[str, str]) -> dict[str, str]:
    named = {_OTHER_NAMES.get(key.lower(), key.lower()): text for key, text in found.items()}
    return {
        key: text.strip()
        for key, text in named.items()
        if key not in _TECHNICAL and not key.startswith(_LOUDNESS) and text.strip()
    }


def _cover(container: "av.container.InputContainer") -> bytes:
    for stream in container.streams.video:
        if stream.disposition & av.stream.Disposition.attached_pic:
            for packet in container.demux(stream):
                if packet.size:
                    return bytes(packet)
    return b""
