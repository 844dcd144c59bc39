"""TensorBoard: event files in the session's runs folder."""

from collections.abc import Mapping
from typing import Any

from tensorboard.compat.proto.summary_pb2 import Summary
from torch.utils.tensorboard import SummaryWriter

from auralflow.training.loggers.log import Log, Run
from auralflow.training.loggers.sound import Clip
from auralflow.training.loggers.spread import Spread

__all__ = ["TensorBoardLog"]


class TensorBoardLog(Log):
    """Each start of a run adds an event file, which says from which step on those before it are void."""

    def __init__(self, run: Run) -> None:
        self._writer = SummaryWriter(
            str(run.folder.runs), purge_step=run.step + 1 if run.step else 0
        )
        # Four spaces in front make it a block of code for TensorBoard's Markdown.
        lines = (f"    {key}: {value}" for key, value in run.settings.items())
        self._writer.add_text("settings", "\n".join(lines), run.step)

    @property
    def identity(self) -> str | None:
        """None: the folder is the run."""
        return None

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Charts, grouped by the first part of their names."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def histogram(self, name: str, spread: Spread, step: int) -> None:
        """For the tabs Distributions and Histograms."""
        self._writer.add_histogram_raw(
            name,
            min=float(spread.edges[0]),
            max=float(spread.edges[-1]),
            num=int(spread.counts.sum()),
            sum=spread.total,
            sum_squares=spread.squares,
            bucket_limits=spread.edges[1:].tolist(),
            bucket_counts=spread.counts.tolist(),
            global_step=step,
        )

    def audio(self, name: str, clip: Clip, step: int) -> None:
        """As it is: torch's own function takes one channel only, and clips."""
        content = Summary.Audio(
            sample_rate=clip.sample_rate,
            num_channels=clip.channels,
            length_frames=clip.samples,
            encoded_audio_string=clip.wav,
            content_type="audio/wav",
        )
        self._add(Summary.Value(tag=name, audio=content), step)

    def picture(self, name: str, png: bytes, step: int) -> None:
        """As it is."""
        # The first chunk of every PNG begins with its size.
        width, height = (int.from_bytes(png[place : place + 4], "big") for place in (16, 20))
        content = Summary.Image(encoded_image_string=png, width=width, height=height, colorspace=4)
        self._add(Summary.Value(tag=name, image=content), step)

    def flush(self) -> None:
        """Write what waits in memory."""
        self._writer.flush()

    def close(self, *, finished: bool) -> None:
        """Close the event file."""
        self._writer.close()

    def _add(self, value: Any, step: int) -> None:
        # Its type, as torch declares it, is that of before it is open.
        file: Any = self._writer.file_writer
        file.add_summary(Summary(value=[value]), step)
