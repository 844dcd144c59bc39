"""A model out of a repository."""

from pathlib import Path
from tempfile import TemporaryDirectory

from auralflow.checkpoints import read_checkpoint, write_checkpoint
from auralflow.errors import SessionError
from auralflow.hub.client import WEIGHTS, check_repository, hub, told_as_ours
from auralflow.session.configure import check_name, write_settings
from auralflow.session.folder import ModelFolder

__all__ = ["pull"]


def pull(
    repository: str,
    *,
    save: str | Path | None = None,
    revision: str | None = None,
    force: bool = False,
) -> Path:
    """Fetch a model that `push` put into a repository, and return its folder, by default one of the repository's name here.

    Nothing of the repository but its weights is read, and these hold no code. `revision` is a branch, tag or commit.

    Raises `DownloadError` if it cannot be fetched, `CheckpointError` if it is no model of auralflow's, and `SessionError` if
    the folder holds a model already, unless `force` is given.
    """
    check_repository(repository)
    folder = ModelFolder(
        Path(save).expanduser().absolute() if save else Path.cwd() / repository.rsplit("/", 1)[-1]
    )
    check_name(folder.name)
    if folder.exists() and not force:
        raise SessionError(
            f"{folder.path} holds a model already: choose another folder with --save, or pass --force to replace it"
        )
    client = hub()
    with TemporaryDirectory() as place:
        with told_as_ours(f"fetching {repository}"):
            path = client.hf_hub_download(repository, WEIGHTS, revision=revision, local_dir=place)
        checkpoint = read_checkpoint(Path(path))
    write_settings(folder, checkpoint.settings)
    write_checkpoint(folder.checkpoint / f"{folder.name}_best.pth", checkpoint)
    return folder.path
