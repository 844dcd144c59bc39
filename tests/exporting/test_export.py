"""Every network of the catalogue as a file that others run."""

import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import soundfile
import torch

import auralflow
from auralflow.checkpoints import Checkpoint, build_network, read_checkpoint, write_checkpoint
from auralflow.config import Layer
from auralflow.errors import ConfigError, MissingExtraError, ModelError, OutputError
from auralflow.exporting import FORMATS, export
from auralflow.exporting.blaming import operator_in
from auralflow.models import Separator, create
from auralflow.separation import SeparationOptions
from auralflow.settings import read_settings
from tests.models.networks import CASES, SIGNAL, Case, network

ROOT = Path(__file__).parents[2]
SEGMENT = 1.0
STEREO = [case for case in CASES if (case.channels, case.targets) == (2, 4)]
SMALL = {"max_layers": 1, "init_features": 2, **SIGNAL}


def build(case: Case) -> Separator:
    torch.manual_seed(0)
    net = network(case)
    with torch.no_grad():
        net(0.3 * torch.randn(2, case.channels, 2000))  # batch statistics have seen something
    return net.eval()


def small(name: str = "unet", **keys: Any) -> Separator:
    torch.manual_seed(0)
    return create(name, channels=1, **{**SMALL, **keys}).eval()


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A small network, and what exporting it for torch gave."""
    net = small()
    folder = tmp_path_factory.mktemp("archive")
    return net, export(net, format="torch-export", save=folder, segment=SEGMENT)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A small recurrent network for two targets, and what exporting it as ONNX gave: once, since it takes seconds."""
    net = small("UNetRecurrentSpec", targets=("vocals", "drums"))
    return net, export(net, save=tmp_path_factory.mktemp("file"), segment=SEGMENT)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """Weights of a small network with norms, trained by nobody."""
    keys = {"model": {"max-layers": 1, "init-features": 2}, "data": {"sample-rate": 8000, "num-fft": 128,
            "window-size": 128, "hop-length": 96, "test-tracks": ["Mine"]},
            "train": {"start-from": "mine.pth"}}  # fmt: skip
    settings = read_settings([Layer("test", keys)])
    torch.manual_seed(0)
    state = build_network(settings, ("vocals",)).state_dict()
    path = tmp_path / "voice_best.pth"
    write_checkpoint(
        path,
        Checkpoint(
            settings,
            ("vocals",),
            state,
            {"epoch": 3, "tracks": {"train": ["My song"]}},
            {"optimiser": {}},
        ),
    )
    return path


def by_numpy(path: Path) -> Any:
    program = runpy.run_path(str(ROOT / "examples" / "run-onnx" / "separate.py"))
    return program["Network"](str(path))


def separated(net: Separator, song: Any) -> Any:
    options = SeparationOptions(segment_seconds=SEGMENT)
    stems = auralflow.separate(net, song, sample_rate=SIGNAL["sample_rate"], options=options)
    return np.stack([stems[name] for name in net.targets])


def noise(channels: int, samples: int) -> Any:
    return (0.2 * np.random.default_rng(0).standard_normal((channels, samples))).astype(np.float32)


def agree(net: Separator, path: Path, song: Any) -> bool:
    ours = separated(net, song)
    return bool(np.abs(by_numpy(path).separate(song) - ours).max() <= 1e-4 * np.abs(ours).max())


@pytest.mark.slow
@pytest.mark.parametrize("case", STEREO, ids=str)
def test_any_network_separates_songs_of_any_length_through_onnx_and_numpy(case, tmp_path):
    net = build(case)
    done = export(net, save=tmp_path / "net.onnx", segment=SEGMENT)
    assert done.difference <= 1e-4
    assert (done.description["longest"], done.description["batch"]) == (None, None)
    for channels, samples in ((2, 20_011), (1, 9000), (2, 3001)):
        assert agree(net, done.path, noise(channels, samples))


@pytest.mark.slow
@pytest.mark.parametrize("case", STEREO, ids=str)
def test_any_network_is_an_archive_that_torch_alone_loads(case, tmp_path):
    net = build(case)
    done = export(net, format="torch-export", save=tmp_path, segment=SEGMENT)
    assert done.difference <= 1e-6
    assert (done.description["longest"], done.description["batch"]) == (None, None)


@pytest.mark.parametrize(("channels", "samples"), [(2, 20_011), (1, 3001), (3, 9000)])
def test_a_song_through_numpy_is_the_song_through_auralflow(file, channels, samples):
    net, done = file
    assert agree(net, done.path, noise(channels, samples))


def test_what_is_shorter_than_a_file_takes_comes_back_as_long(file):
    _, done = file
    assert done.description["shortest"] > 50
    stems = by_numpy(done.path).separate(noise(1, 50))
    assert stems.shape == (2, 1, 50)
    assert np.isfinite(stems).all()


@pytest.mark.slow
@pytest.mark.parametrize("targets", [("vocals",), ("vocals", "drums")])
@pytest.mark.parametrize("wiener", [{}, {"iterations": 2, "residual": True, "window": 20}])
def test_the_wiener_filter_in_numpy_is_ours(targets, wiener, tmp_path):
    torch.manual_seed(0)
    keys = {**SMALL, "init_features": 8, "wiener": wiener}
    net = create("openunmix", channels=2, targets=targets, **keys).eval()
    done = export(net, save=tmp_path, segment=SEGMENT)
    assert agree(net, done.path, noise(2, 20_011))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["UNetAudio", "HDemucs"])
def test_a_file_of_one_length_is_as_exact_where_segments_fill_the_song(name, tmp_path):
    (case,) = (case for case in STEREO if (case.name, case.task) == (name, "direct"))
    net = build(case)
    done = export(net, save=tmp_path, segment=SEGMENT, dynamic=False)
    facts = done.description
    assert (facts["shortest"], facts["longest"], facts["batch"]) == (8000, 8000, 1)
    assert agree(net, done.path, noise(2, facts["segment"] + 2 * facts["hop"]))


def test_the_metadata_says_what_is_around_the_network(file):
    net, done = file
    model = onnx.load(done.path)
    onnx.checker.check_model(model)
    (entry,) = model.metadata_props
    facts = done.description
    assert (entry.key, json.loads(entry.value)) == ("auralflow", facts)
    assert done.path.name == "UNetRecurrentSpec.onnx"
    assert facts["targets"] == ["vocals", "drums"]
    assert facts["sample_rate"] == 8000
    assert facts["transform"] == {
        "num_fft": 128, "window_size": 128, "hop_length": 96, "framing": "silence", "scale": "orthonormal", "bins": 65,
    }  # fmt: skip
    # One level halves frames of 96 samples.
    assert facts["step"] == net.step == 192
    sizes = [
        [size.dim_param or size.dim_value for size in port.type.tensor_type.shape.dim]
        for port in (*model.graph.input, *model.graph.output)
    ]
    assert sizes == [["batch", 1, 65, "frames"], ["batch", 2, 1, 65, "frames"]]


def test_recurrent_layers_are_one_operator_whatever_the_length(file):
    _, done = file
    operators = [node.op_type for node in onnx.load(done.path).graph.node]
    assert operators.count("LSTM") == 1


def test_an_archive_answers_as_the_network_and_carries_its_description(archive):
    net, done = archive
    assert done.difference <= 1e-6
    extra = {"auralflow.json": ""}
    module = torch.export.load(done.path, extra_files=extra).module()
    assert json.loads(extra["auralflow.json"]) == done.description
    (magnitudes,) = net.graph().listen(0.3 * torch.randn(3, 1, 2345))
    with torch.no_grad():
        (answer,) = module(magnitudes)
        ours = net.graph().compute(magnitudes)[0]
    assert (answer - ours).abs().max() <= 1e-6 * ours.abs().max()


def test_a_file_that_answers_otherwise_is_not_kept(tmp_path, monkeypatch):
    from auralflow.exporting import run

    writer = run._WRITERS["torch-export"]

    def off_by_a_little(path):
        inner = writer.open(path)
        return lambda inputs: [part * 1.001 for part in inner(inputs)]

    wrong = run._Writer(writer.write, off_by_a_little, writer.tolerance)
    monkeypatch.setattr(run, "_WRITERS", {"torch-export": wrong})
    with pytest.raises(ModelError, match=r"answers otherwise .* by 1\.0e-03"):
        export(
            small(), format="torch-export", save=tmp_path / "a.pt2", dynamic=False, segment=SEGMENT
        )
    assert list(tmp_path.iterdir()) == []


def test_the_ending_is_added_where_a_name_has_another(tmp_path):
    done = export(small(), format="torch-export", save=tmp_path / "v1.2", dynamic=False)
    assert done.path == tmp_path / "v1.2.pt2"
    assert [path.name for path in tmp_path.iterdir()] == ["v1.2.pt2"]


def test_a_file_that_is_there_is_left_unless_forced(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_text("mine")
    with pytest.raises(OutputError, match="is there already: pass --force"):
        export(small(), save=path)
    assert path.read_text() == "mine"


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch, tmp_path):
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(
        MissingExtraError, match=r'onnxruntime is not installed.*"auralflow\[export\]"'
    ):
        export(small(), save=tmp_path)


def test_the_command_writes_a_model_of_a_session_and_says_what_it_takes(
    auralflow, tmp_path, monkeypatch, checkpoint
):
    monkeypatch.chdir(tmp_path)
    outcome = auralflow(
        "export", "voice_best.pth", "--format", "torch-export", "--no-dynamic", "--segment", 0.5
    )
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(
        "UNetSpec for vocals → voice.pt2\n  takes 1 item at a time, 4,000 samples; differs"
    )
    assert (tmp_path / "voice.pt2").is_file()
    assert "voice.pt2 is there already: pass --force" in auralflow.refuses(
        "export", "voice_best.pth", "--format", "torch-export"
    )


def test_weights_go_into_a_file_without_code_and_come_back_whole(checkpoint, tmp_path):
    done = export(checkpoint, format="safetensors", save=tmp_path / "voice")
    assert done.path == tmp_path / "voice.safetensors"
    assert done.difference == 0
    assert done.description["progress"] == {"epoch": 3}
    before, after = read_checkpoint(checkpoint), read_checkpoint(done.path)
    assert after.settings.model == before.settings.model
    assert (before.settings.data.test_tracks, after.settings.data.test_tracks) == (("Mine",), ())
    assert (before.settings.train.start_from, after.settings.train.start_from) == ("mine.pth", None)
    assert (after.targets, after.training) == (("vocals",), None)
    assert all(torch.equal(value, after.state[name]) for name, value in before.state.items())
    assert auralflow.load_model(done.path, cuda=False).targets == ("vocals",)


@pytest.mark.parametrize(("precision", "bits"), [("float16", 11), ("bfloat16", 8)])
def test_weights_are_rounded_but_not_their_vectors(
    checkpoint, tmp_path, auralflow, precision, bits
):
    path = tmp_path / "half.safetensors"
    told = auralflow(
        "export", checkpoint, "--format", "safetensors", "--precision", precision, "--save", path
    )
    assert told.out.startswith(f"vocals → {path}\n  ")
    assert f"MB of {precision}; differs from the network by" in told.out
    before, after = read_checkpoint(checkpoint).state, read_checkpoint(path).state
    for name, value in before.items():
        rounded = value.dim() > 1
        assert after[name].dtype == (getattr(torch, precision) if rounded else value.dtype)
        torch.testing.assert_close(
            after[name].to(value.dtype), value, rtol=2.0**-bits if rounded else 0, atol=1e-7
        )


def test_weights_that_are_too_large_for_the_precision_are_refused(checkpoint, tmp_path):
    read = read_checkpoint(checkpoint)
    loud = {name: 1e6 * value if value.dim() > 1 else value for name, value in read.state.items()}
    write_checkpoint(checkpoint, replace(read, state=loud))
    with pytest.raises(ModelError, match="was not kept: write it in float32"):
        export(checkpoint, format="safetensors", precision="float16", save=tmp_path / "loud")
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.name]


def test_what_weights_cannot_be_written_is_told(tmp_path, checkpoint):
    with pytest.raises(ModelError, match="in memory has no configuration to write"):
        export(small(), format="safetensors", save=tmp_path)
    with pytest.raises(ConfigError, match="a file of onnx is written in float32"):
        export(small(), precision="float16", save=tmp_path)
    with pytest.raises(ConfigError, match=r"float8 is not a precision .*: choose one of float32"):
        export(checkpoint, format="safetensors", precision="float8")  # type: ignore[arg-type]  # that is the point
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.name]


def test_a_format_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(ConfigError, match=r"onx is not a format \(did you mean onnx\?\)"):
        export(small(), format="onx")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    ("said", "operator"),
    [
        (
            "No ONNX function found for <OpOverload(op='aten.frexp', overload='Tensor')>",
            "aten.frexp",
        ),
        ("torch.ops.higher_order.cond is unknown", "higher_order.cond"),
    ],
)
def test_an_error_says_which_operator_it_was(said, operator):
    error = ValueError("Failed to convert the model.\nStep 3")
    error.__cause__ = RuntimeError(said)
    assert operator_in(error) == f"operator {operator}"


def test_a_network_with_an_operator_that_onnx_lacks_is_told_which(tmp_path, monkeypatch):
    def refuse(*_args, **_keys):
        raise RuntimeError(
            "No ONNX function found for <OpOverload(op='aten.frexp', overload='Tensor')>"
        )

    monkeypatch.setattr(torch.onnx, "export", refuse)
    message = (
        r"UNetSpec cannot be written as ONNX .*\(operator aten\.frexp\): use --format torch-export"
    )
    with pytest.raises(ModelError, match=message):
        export(small(), save=tmp_path, dynamic=False, segment=SEGMENT)
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_branches_by_its_input_is_told_so(tmp_path):
    class Odd(torch.nn.Module):
        def forward(self, features):
            return features if bool(features.sum() > 0) else -features

    net = small("UNetAudio")
    net.get_submodule("domain").add_module("output_norm", Odd())
    with pytest.raises(ModelError, match=r"UNetAudio cannot be written down by torch\.export"):
        export(net, format="torch-export", save=tmp_path, dynamic=False, segment=SEGMENT)


def test_training_goes_on_after_an_export(archive):
    net, _ = archive
    net.train()
    stems = net(torch.randn(2, 1, 1000))
    stems.square().mean().backward()
    assert all(weights.grad is not None for weights in net.parameters())
    net.eval()


def test_the_example_writes_a_file_for_each_stem(file, tmp_path):
    net, done = file
    song = noise(1, 8000)
    soundfile.write(tmp_path / "song.wav", song.T, 8000, subtype="FLOAT")
    program = runpy.run_path(str(ROOT / "examples" / "run-onnx" / "separate.py"))
    program["main"](str(done.path), str(tmp_path / "song.wav"), str(tmp_path / "stems"))
    stem, rate = soundfile.read(tmp_path / "stems" / "drums.wav", always_2d=True)
    assert rate == 8000
    assert np.abs(stem.T - separated(net, song)[1]).max() <= 1e-4
    soundfile.write(tmp_path / "other.wav", song.T, 16_000)
    with pytest.raises(SystemExit, match="is 16000 Hz and the network is for 8000 Hz"):
        program["main"](str(done.path), str(tmp_path / "other.wav"), str(tmp_path / "stems"))


def test_the_page_has_a_row_for_every_network_and_names_every_format():
    page = (ROOT / "docs" / "export.md").read_text()
    for case in STEREO:
        assert f"| `{case.name}` |" in page
    for name in FORMATS:
        assert f"`{name}`" in page
