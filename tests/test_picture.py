"""That the picture in README.md is what the example is now."""

import importlib
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def picture():
    """The module that draws it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        return importlib.import_module("picture")


@pytest.fixture(scope="module")
def drawn(picture):
    """The orders API, synthesised and drawn."""
    return picture.picture()


def test_the_picture_in_the_readme_is_fresh(picture, drawn):
    """Whoever changes the example, or how it is drawn, runs docs/picture.py."""
    readme = picture.README.read_text(encoding="utf-8")
    assert picture.with_picture(readme, drawn) == readme, "run python docs/picture.py"


def test_the_picture_is_of_the_orders_api(drawn):
    """From the method to the table, and everything in it is reached."""
    for told in ("GET /api/orders", "alias<br/>live", "ListOrders", "DynamoDB", "CloudWatch Logs", "X-Ray"):
        assert told in drawn
    assert "cutoff" not in drawn


def test_a_stale_picture_is_told_and_drawn_anew(picture, drawn, tmp_path, monkeypatch, capsys):
    """In exit code 1; in 2 where there is no place for it."""
    monkeypatch.setattr(picture, "picture", lambda: drawn)
    readme = tmp_path / "README.md"
    readme.write_text(f"a\n{picture.BEGIN}\nold\n{picture.END}\nb\n", encoding="utf-8")
    assert picture.main(["--check"], readme) == 1
    assert "old" in readme.read_text(encoding="utf-8")
    assert picture.main([], readme) == 0
    assert picture.main(["--check"], readme) == 0
    assert readme.read_text(encoding="utf-8") == (f"a\n{picture.BEGIN}\n```mermaid\n{drawn}```\n{picture.END}\nb\n")
    readme.write_text("no place", encoding="utf-8")
    assert picture.main([], readme) == 2
