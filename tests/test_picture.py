"""That pictures in README.md and docs/ are what their code is now."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def picture():
    """The module that draws them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs"))
        return importlib.import_module("picture")


@pytest.fixture(scope="module")
def pages(picture):
    """The pages that have pictures, by name."""
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in picture.pages(ROOT)}


@pytest.fixture(scope="module")
def drawn(picture, pages):
    """All that is drawn, synthesised now."""
    return picture.draw([code for page in pages.values() for code in picture.sources(page)])


@pytest.mark.parametrize("name", ["README.md", "docs/architecture.md", "docs/example.md"])
def test_the_pictures_are_fresh(picture, pages, drawn, name):
    """Whoever changes code, example or how they are drawn, runs docs/picture.py."""
    assert picture.with_pictures(pages[name], drawn) == pages[name], "run python docs/picture.py"


def test_the_example_is_drawn_whole(picture, pages, drawn):
    """From the method to the table, and everything in it is reached."""
    (code,) = picture.sources(pages["docs/example.md"])
    for told in ("GET /api/orders", "alias<br/>live", "ListOrders", "DynamoDB", "CloudWatch Logs", "X-Ray"):
        assert told in drawn[code]
    assert "cutoff" not in drawn[code]


def test_each_way_to_have_a_pool_is_drawn(picture, pages, drawn):
    """One of its own, one that is shared, one in a VPC with a way out."""
    own, shared, inside = (drawn[code] for code in picture.sources(pages["docs/architecture.md"]))
    assert own.count("capacity provider<br/>") == own.count('["function<br/>') == 1
    assert shared.count("capacity provider<br/>") == 1
    assert shared.count('["function<br/>') == shared.count('"runs on"') == 2
    assert "SQS" in shared
    assert "with a route out" in inside
    assert "endpoint" not in inside


@pytest.fixture
def page(picture, tmp_path, monkeypatch):
    """A page with a block and a picture of it that is stale, in a repository of its own."""
    monkeypatch.setattr(picture, "draw", lambda codes: {code: f"drawn: {code}" for code in codes})
    (tmp_path / "README.md").write_text("no picture\n", encoding="utf-8")
    path = tmp_path / "docs" / "page.md"
    path.parent.mkdir()
    block = "```python\nfirst\n```\n\n```python\nsecond\n```\n"
    path.write_text(f"{block}\n{picture.OF_BLOCK}\nold\n{picture.END}\nrest\n", encoding="utf-8")
    return path


def test_a_stale_picture_is_told_and_drawn_anew(picture, page, tmp_path, capsys):
    """In exit code 1, until it is written: of the block that is next above."""
    before = page.read_text(encoding="utf-8")
    assert picture.main(["--check"], tmp_path) == 1
    assert "docs/page.md" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == before
    assert picture.main([], tmp_path) == 0
    assert picture.main(["--check"], tmp_path) == 0
    assert page.read_text(encoding="utf-8") == before.replace("old\n", "```mermaid\ndrawn: second\n```\n")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "no picture\n"


@pytest.mark.parametrize("missing", ["END", "block"])
def test_markers_that_say_nothing_are_refused(picture, page, tmp_path, capsys, missing):
    """A picture that has no end, or no code: exit code 2, and nothing is written."""
    text = page.read_text(encoding="utf-8")
    broken = text.replace(picture.END, "") if missing == "END" else text.replace("```python", "```text")
    page.write_text(broken, encoding="utf-8")
    assert picture.main([], tmp_path) == 2
    assert ("end" if missing == "END" else "no block") in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == broken
