"""The page that a repository shows: what a model does, what it scores, how to use it, under which licence it is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auralflow._version import __version__
from auralflow.checkpoints import Checkpoint
from auralflow.config import to_yaml
from auralflow.session.folder import ModelFolder

__all__ = ["model_card", "scores_of"]

_LICENCES = {
    "apache-2.0",
    "cc-by-4.0",
    "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0",
    "cc-by-sa-4.0",
    "cc0-1.0",
    "gpl-3.0",
    "mit",
}
"""Words that the Hub knows among those that people use for weights."""


def model_card(
    checkpoint: Checkpoint,
    *,
    repository: str,
    licence: str | None = None,
    scores: Mapping[str, Any] | None = None,
) -> str:
    """The card as Markdown; `scores` is the content of a `metrics.json`."""
    settings, targets = checkpoint.settings, checkpoint.targets
    stated = licence or str(checkpoint.origin.get("licence", ""))
    name = repository.rsplit("/", 1)[-1]
    data = settings.data
    channels = "mono" if data.channels == 1 else "stereo"
    lines = [
        "---",
        "library_name: auralflow",
        "pipeline_tag: audio-to-audio",
        "tags: [music-source-separation]",
        *_licence_lines(stated),
        "---",
        "",
        f"# {name}",
        "",
        f"Takes {_listed(targets)} out of a song.",
        f"The network is {settings.model.network}, for {channels} at {data.sample_rate:,} Hz; other songs are converted.",
        "",
        "```bash",
        'pip install "auralflow[hub]"',
        f"auralflow pull {repository}",
        f"auralflow separate {name} song.mp3",
        "```",
        "",
        *_score_lines(scores),
        *_training_lines(checkpoint),
        "## Licence",
        "",
        stated or "None is stated: ask the author before you use it.",
        "",
        "## Settings",
        "",
        "```yaml",
        to_yaml("model", settings.model, "The network.").strip(),
        "```",
        "",
        f"Written by auralflow {__version__}.",
    ]
    return "\n".join(lines) + "\n"


def scores_of(model: Path, configured: str | None) -> dict[str, Any] | None:
    """What `metrics.json` of a checkpoint's model says, if it is there and can be read."""
    folder = ModelFolder(model.absolute().parent.parent)
    places = [Path(configured).expanduser()] if configured else []
    places += [folder.path] if folder.checkpoint == model.absolute().parent else []
    for place in [*places, model.absolute().parent]:
        path = place / "metrics.json"
        if path.is_file():
            try:
                content = json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                return None
            return content if isinstance(content, dict) else None
    return None


def _licence_lines(stated: str) -> list[str]:
    if not stated:
        return []
    if stated.lower() in _LICENCES:
        return [f"license: {stated.lower()}"]
    return ["license: other", f"license_name: {json.dumps(stated)}"]


def _score_lines(scores: Mapping[str, Any] | None) -> list[str]:
    """A table of medians; nothing where nothing was measured."""
    summary = (scores or {}).get("summary", {})
    rows = [
        (target, name, total.get("median"))
        for target, totals in summary.get("targets", {}).items()
        for name, total in totals.items()
        if total.get("median") is not None
    ]
    if not rows or scores is None:
        return []
    about = scores.get("metrics", {})
    lines = [f"## Scores on {summary.get('tracks')} songs, medians", ""]
    lines += ["| target | metric | score |", "| --- | --- | --- |"]
    for target, name, value in rows:
        metric = about.get(name, {})
        number = f"{value:.2f} {metric.get('unit') or ''}".strip()
        lines.append(f"| {target} | {metric.get('label', name)} | {number} |")
    notes = [f"- {note}" for note in scores.get("notes", [])]
    return [*lines, "", *notes, *([""] if notes else [])]


def _training_lines(checkpoint: Checkpoint) -> list[str]:
    origin, progress = checkpoint.origin, checkpoint.progress
    facts: dict[str, Any] = {}
    if origin:
        facts = {"Weights by": origin.get("source"), "Trained on": origin.get("trained-on")}
    else:
        facts["Epoch"] = progress.get("best_epoch") or progress.get("epoch")
        tracks = progress.get("tracks") or {}
        facts["Songs"] = len(tracks.get("train") or ()) or None
        facts["Loss"] = checkpoint.settings.as_plain()["train"].get("loss")
    lines = [f"- {name}: {value}" for name, value in facts.items() if value]
    return ["## Training", "", *lines, ""] if lines else []


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
