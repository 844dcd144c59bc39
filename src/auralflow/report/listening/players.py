"""What the page's player is given of a track: audio, pictures and numbers as JSON."""

import json
import math
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np

from auralflow.report.listening.coding import PAGE_RATE, encode, page_length
from auralflow.report.listening.imaging import RANGE_DB, levels, power_image, wave_outline
from auralflow.report.listening.markup import number, text, track_anchor
from auralflow.report.listening.page import ListeningPage, ListeningTrack, MetricRow
from auralflow.report.spectrogram import LOWEST_HZ, top_frequency
from auralflow.shapes import Audio

__all__ = ["player_section"]


def player_section(page: ListeningPage, track: ListeningTrack, place: int) -> str:
    """The HTML of the track heard at that place; raises `DataError` for a model that the page does not list."""
    for model in track.estimates:
        page.check_model(model, track.name)
    # `<` could end the script's element, whatever string of JSON it stands in.
    data = json.dumps(_player(page, track), ensure_ascii=False, separators=(",", ":"))
    anchor = track_anchor(place)
    return (
        f'<section class="track" id="{anchor}" data-track="{text(track.name)}" aria-labelledby="{anchor}-name">'
        f'<h3 id="{anchor}-name">{text(track.name)}</h3><div class="player"></div>'
        f'<script type="application/json">{data.replace("<", chr(92) + "u003c")}</script></section>\n'
    )


def _player(page: ListeningPage, track: ListeningTrack) -> dict[str, Any]:
    top = top_frequency(track.sample_rate)
    images = {what: power_image(audio, track.sample_rate) for what, audio in track.versions()}
    loudest = max(*(float(image.max()) for image in images.values()), np.finfo(float).tiny)

    def version(what: str, audio: Audio) -> dict[str, str]:
        return {
            "audio": _base64(encode(audio, track.sample_rate)),
            "levels": _base64(levels(images[what], loudest)),
            "wave": _base64(wave_outline(audio)),
        }

    words = iter(track.versions())
    mixture = version(*next(words))
    truth = {target: version(*next(words)) for target in track.truth}
    estimates = {
        model: {target: version(*next(words)) for target in stems}
        for model, stems in track.estimates.items()
    }
    for model, stems in estimates.items():
        for target in set(stems) & set(truth):
            difference = _difference(track.estimates[model][target], track.truth[target])
            stems[target]["difference"] = _base64(encode(difference, track.sample_rate))
            stems[target]["differenceWave"] = _base64(wave_outline(difference))
    return {
        "start": track.start_seconds,
        "samples": page_length(track.mixture.shape[1], track.sample_rate),
        "rate": PAGE_RATE,
        "lowest": min(LOWEST_HZ, top / 2),
        "top": top,
        "range": RANGE_DB,
        "rows": len(images["the mixture"]),
        "targets": track.targets,
        "models": [
            {"name": model, "colour": place % 8, "stems": estimates[model]}
            for place, model in enumerate(page.models)
            if model in estimates
        ],
        "mixture": mixture,
        "truth": truth,
        "scores": _scores(page.rows, track.name),
    }


def _difference(estimate: Audio, truth: Audio) -> Audio:
    """Estimate minus truth; a mono version beside a stereo one counts for both channels."""
    difference: Audio = estimate - truth
    return difference


def _scores(rows: Sequence[MetricRow], track: str) -> dict[str, dict[str, dict[str, str]]]:
    """The track's own numbers as they are shown: by metric, by target, by model."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows:
        if row.track == track:
            measured = row.unit and not math.isnan(row.value)
            shown = f"{number(row.value)} {row.unit}" if measured else number(row.value)
            found.setdefault(row.metric, {}).setdefault(row.target, {})[row.model] = shown
    return found


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
