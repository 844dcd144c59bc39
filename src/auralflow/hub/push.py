"""A model into a repository."""

from pathlib import Path
from tempfile import TemporaryDirectory

from auralflow.checkpoints import find_checkpoint, read_checkpoint, write_checkpoint
from auralflow.hub.card import model_card, scores_of
from auralflow.hub.client import WEIGHTS, check_repository, hub, told_as_ours

__all__ = ["push"]


def push(
    model: str | Path, repository: str, *, licence: str | None = None, private: bool = False
) -> str:
    """Put a model's weights, with their settings inside, and a card into a repository, and return its URL.

    The repository is made if it is not there; `private` says how. Names of songs and places on this machine stay here;
    scores that `auralflow evaluate` found go into the card, as totals.

    Raises `DownloadError` if the Hub cannot be reached or refuses, and the errors of reading the model.
    """
    check_repository(repository)
    path = find_checkpoint(model)
    checkpoint = read_checkpoint(path)
    scores = scores_of(path, checkpoint.settings.train.metrics)
    card = model_card(checkpoint, repository=repository, licence=licence, scores=scores)
    client = hub()
    with TemporaryDirectory() as name, told_as_ours(f"putting {path.name} into {repository}"):
        folder = Path(name)
        write_checkpoint(folder / WEIGHTS, checkpoint.for_others())
        (folder / "README.md").write_text(card, encoding="utf-8")
        url = client.create_repo(repository, private=private, exist_ok=True)
        client.upload_folder(
            repo_id=repository, folder_path=folder, commit_message=f"Add {path.stem}"
        )
    return str(url)
