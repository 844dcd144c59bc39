"""Tags into a file that is complete: its packets are copied, not encoded again."""

import base64
import io
import logging
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

from auralflow.audio.aac_sink import BRAND
from auralflow.audio.encoding import Format
from auralflow.audio.reading import probe
from auralflow.audio.tags import Tags
from auralflow.errors import AudioError

__all__ = ["write_tags"]

_log = logging.getLogger(__name__)

_MUXERS: Mapping[str, str] = {
    "flac": "flac", "mp3": "mp3", "ogg": "ogg", "opus": "ogg", "m4a": "mp4", "stem.mp4": "mp4",
}  # fmt: skip
"""wav is not here: its tags are written with it."""
_ID3_NAMES = {"bpm": "TBPM", "initialkey": "TKEY"}
_PICTURES = {"png": "image/png", "mjpeg": "image/jpeg"}
_FRONT_COVER = 3


def write_tags(path: Path, tags: Tags, encoding: Format) -> None:
    """Give a file its tags, and its cover where the format has a place for it.

    What the format does not name is left out by FFmpeg. The sound stays as it is, to the sample; where it would not, as
    in files of a few hundredths of a second, and where a picture is damaged, the file stays without.

    Raises `OSError` if the disk does not take it.
    """
    if encoding not in _MUXERS or not tags:
        return
    copy = path.with_name(f"{path.name}.tagged")
    try:
        _copy(path, copy, tags, encoding)
        if probe(copy).samples == probe(path).samples:
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            copy.replace(path)
    except (ValueError, AudioError) as error:  # FFmpeg's errors are ValueErrors or OSErrors
        _log.debug("%s stays without tags: %s", path, error)
    finally:
        copy.unlink(missing_ok=True)


def _copy(path: Path, copy: Path, tags: Tags, encoding: Format) -> None:
    with av.open(f"file:{path}") as source, _picture(tags.cover) as picture:
        streams = source.streams.audio
        options = {}
        if _MUXERS[encoding] == "mp4":
            options["movie_timescale"] = str(streams[0].codec_context.sample_rate)
        if encoding == "m4a":
            options["brand"] = BRAND
        with av.open(f"file:{copy}", "w", format=_MUXERS[encoding], options=options) as target:
            copies = {stream.index: target.add_stream_from_template(stream) for stream in streams}
            target.metadata.update(_named(tags.text, encoding))
            if picture is not None and _MUXERS[encoding] == "ogg":
                target.metadata["METADATA_BLOCK_PICTURE"] = _picture_block(picture, tags.cover)
            elif picture is not None:
                cover = target.add_stream_from_template(picture)
                cover.disposition = av.stream.Disposition.attached_pic
                target.start_encoding()
                target.mux(_picture_packet(tags.cover, cover))
            for packet in source.demux(streams):
                if packet.dts is not None:
                    packet.stream = copies[packet.stream.index]
                    target.mux(packet)


def _named(text: Mapping[str, str], encoding: Format) -> dict[str, str]:
    names = _ID3_NAMES if encoding == "mp3" else {}
    return {names.get(key, key): value for key, value in text.items()}


@contextmanager
def _picture(cover: bytes) -> "Iterator[av.VideoStream | None]":
    """The cover as a stream of one picture, if it is one of a kind that the formats know."""
    if not cover:
        yield None
        return
    with av.open(io.BytesIO(cover)) as container:
        stream = container.streams.video[0]
        yield stream if stream.codec_context.name in _PICTURES else None


def _picture_packet(cover: bytes, stream: "av.VideoStream") -> "av.Packet[Any]":
    packet = av.Packet(cover)
    packet.stream, packet.pts, packet.dts = stream, 0, 0
    return packet


def _picture_block(picture: "av.VideoStream", cover: bytes) -> str:
    """A picture as Ogg files hold it. Source: xiph.org, "FLAC format", METADATA_BLOCK_PICTURE."""
    kind = _PICTURES[picture.codec_context.name].encode()
    size = (picture.codec_context.width, picture.codec_context.height, 24, 0)
    head = struct.pack(">II", _FRONT_COVER, len(kind)) + kind + struct.pack(">I", 0)
    block = head + struct.pack(">4I", *size) + struct.pack(">I", len(cover)) + cover
    return base64.b64encode(block).decode()
