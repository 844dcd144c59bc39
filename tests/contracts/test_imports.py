"""What importing the package costs and gives."""

import os
import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import auralflow

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(auralflow.__path__, "auralflow.")
    if not module.name.endswith("__main__")
)

QUICK = [
    "auralflow",
    "auralflow.cli",
    "auralflow.augment.options",
    "auralflow.cli.data",
    "auralflow.models.catalogue",
    "auralflow.pretrained.catalogue",
    "auralflow.settings",
    *(
        f"auralflow.cli.{name}"
        for name in (
            "app",
            "check",
            "config",
            "create",
            "data_check",
            "data_clear",
            "data_prepare",
            "data_replay",
            "data_show",
            "data_synth",
            "demo",
            "download",
            "evaluate",
            "export",
            "models",
            "models_list",
            "models_show",
            "pull",
            "push",
            "separate",
            "session",
            "session_show",
            "train",
        )
    ),
    *(name for name in MODULES if name.endswith(".config") and ".cli." not in name),
]
"""What `--help` imports, and every section of configuration."""

HEAVY = {
    "av", "einops", "fastapi", "gradio", "huggingface_hub", "jaxtyping", "matplotlib", "numpy", "pytorch_lightning", "rich",
    "ruamel", "safetensors", "scipy", "soundfile", "soxr", "tensorboard", "torch",
}  # fmt: skip


def order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as ruff sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_can_be_imported_and_has_what_it_lists(name):
    module = import_module(name)
    listed = list(getattr(module, "__all__", []))
    assert [word for word in listed if not hasattr(module, word)] == []
    assert len(set(listed)) == len(listed)
    assert listed == sorted(listed, key=order)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is_for(name):
    assert (import_module(name).__doc__ or "").strip()


def test_every_public_name_is_listed_and_loads():
    assert dir(auralflow) == auralflow.__all__
    for name in auralflow.__all__:
        # Twice, since a package of the same name would take the place of what is loaded first.
        first = getattr(auralflow, name)
        assert first is not None
        assert getattr(auralflow, name) is first


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'wings'"):
        _ = auralflow.wings


@pytest.mark.parametrize(
    "name",
    [
        "auralflow",
        "auralflow.augment",
        "auralflow.models",
        "auralflow.evaluation",
        "auralflow.pretrained",
    ],
)
def test_what_loads_names_lazily_knows_a_home_for_each_of_them(name):
    module = import_module(name)
    for word in module._HOMES:
        assert word in module.__all__


def test_help_and_configuration_need_neither_torch_nor_numpy():
    # One process for all: each takes some tenths of a second.
    program = f"""
import sys
from importlib import import_module
for name in {QUICK}:
    before = set(sys.modules)
    import_module(name)
    new = {{module.split(".")[0] for module in set(sys.modules) - before}} & {HEAVY}
    if new:
        print(name, *sorted(new))
if "importlib.metadata" in sys.modules:
    print("a validator is built at import")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_models_can_be_reached_without_an_import_of_their_own():
    program = "import auralflow; print(auralflow.models.create('unet', max_layers=2).targets)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "('vocals',)"


_THREADS = """
import os, sys
from importlib import import_module
import numpy, torch
before = len(os.listdir("/proc/self/task"))
for name in sys.argv[1:]:
    import_module(name)
print(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_importing_computes_nothing_for_which_torch_would_start_threads():
    # Where the main thread has helpers, those of another one that computes are slow.
    rooms = ["separation.tree", "app.desk", "evaluation.run"]
    done = subprocess.run(
        [sys.executable, "-c", _THREADS, *(f"auralflow.{room}" for room in rooms)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "4"},
    )
    assert done.stdout == "0\n"
