"""The Hub's own client, which is an extra, and its errors as ours."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from auralflow.errors import ConfigError, DownloadError, MissingExtraError

__all__ = ["WEIGHTS", "check_repository", "hub", "told_as_ours"]

WEIGHTS = "model.safetensors"
"""The file of weights in a repository."""


def hub() -> Any:
    """The client, for the Hub or for the place that `HF_ENDPOINT` names.

    Raises `MissingExtraError` if it is not installed.
    """
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise MissingExtraError(
            'the Hugging Face Hub needs huggingface_hub, which is not installed: pip install "auralflow[hub]"'
        ) from error
    return HfApi(endpoint=os.environ.get("HF_ENDPOINT"), library_name="auralflow")


def check_repository(repository: str) -> None:
    """Raise `ConfigError` unless a word can be the name of a repository."""
    owner, _, name = repository.partition("/")
    if not owner or not name or "/" in name:
        raise ConfigError(f"{repository} is no repository: give OWNER/NAME, such as me/my-vocals")


@contextlib.contextmanager
def told_as_ours(what: str) -> Iterator[None]:
    """Turn the client's errors into one sentence each; `what` says what was being done."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalTokenNotFoundError,
        RepositoryNotFoundError,
    )

    log_in = "set HF_TOKEN, or log in with `hf auth login`"
    try:
        yield
    except LocalTokenNotFoundError as error:
        raise DownloadError(f"{what} failed, since there is no token: {log_in}") from error
    except (GatedRepoError, RepositoryNotFoundError) as error:
        raise DownloadError(
            f"{what} failed (there is no such repository, or it is not yours to see): look at its name, or {log_in}"
        ) from error
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", "?")
        remedy = log_in if status in (401, 403) else "try again later"
        reason = (getattr(error, "server_message", None) or str(error)).strip().splitlines()[0]
        raise DownloadError(
            f"{what} failed (the Hub answers {status}: {reason}): {remedy}"
        ) from error
    except Exception as error:
        # The client's HTTP library has changed twice, and with it the class of what it raises.
        library = type(error).__module__.partition(".")[0]
        if not (
            isinstance(error, OSError) or library.startswith(("httpx", "httpcore", "requests"))
        ):
            raise
        raise DownloadError(
            f"{what} failed ({str(error).splitlines()[0]}): connect to the network, or look at HF_ENDPOINT"
        ) from error
