import ast
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tests.docs.pages import ROOT

_NOTEBOOK = ROOT / "notebooks" / "demo.ipynb"
_SIZES = "SONGS, SECONDS, EPOCHS, CHUNKS = 12, 10.0, 8, 192"
_TINY = "SONGS, SECONDS, EPOCHS, CHUNKS = 2, 4.0, 1, 8"
_SKIPPED = "skip-execution"


def _notebook() -> NotebookNode:
    notebook: NotebookNode = nbformat.read(_NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # of nbformat's making
    return notebook


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_notebook_is_valid_and_saved_without_results():
    notebook = _notebook()
    nbformat.validate(notebook)
    for cell in _code(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None


def test_only_the_installation_is_not_executed():
    for cell in _code(_notebook()):
        skipped = _SKIPPED in cell.metadata.get("tags", [])
        assert skipped == ("pip install" in cell.source)
        if not skipped:
            ast.parse(cell.source)


@pytest.mark.slow
def test_the_notebook_runs_from_its_first_cell_to_its_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from nbclient import NotebookClient

    for name in ("AURALFLOW_CACHE", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    notebook = _notebook()
    (sizes,) = (cell for cell in _code(notebook) if _SIZES in cell.source)
    sizes.source = sizes.source.replace(_SIZES, _TINY)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        skip_cells_with_tag=_SKIPPED,
        resources={"metadata": {"path": str(tmp_path)}},
    )

    client.execute()

    shown = [output for cell in _code(notebook) for output in cell.outputs]
    kinds = [kind for output in shown for kind in output.get("data", {})]
    assert kinds.count("image/png") == 2
    assert sum("<audio" in output.get("data", {}).get("text/html", "") for output in shown) == 5
    assert sum("<iframe" in output.get("data", {}).get("text/html", "") for output in shown) == 1
    assert {path.name for path in (tmp_path / "stems").iterdir()} == {"vocals.wav", "residual.wav"}
    assert (tmp_path / "notebook-session" / "vocals" / "metrics.txt").is_file()
