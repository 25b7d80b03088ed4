"""That the examples are what their file names say: one violation where it says bad, none where it says good."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cdk_lmi import ManagedInstanceError, check_template
from cdk_lmi.rules import examples
from cdk_lmi.rules.catalogue import RULES

FOLDER = Path(examples.__file__).parent
NAME = re.compile(r"(?P<id>lmi\d{3})(?P<variant>-[a-z-]+)?\.(?P<kind>bad|good)\.(?P<language>json|py)")
EXAMPLES = {path.name: match for path in sorted(FOLDER.iterdir()) if (match := NAME.fullmatch(path.name))}
TEMPLATES = [name for name in EXAMPLES if name.endswith(".json")]
SNIPPETS = [name for name in EXAMPLES if name.endswith(".py")]
IDS = [rule.id for rule in RULES]


def text_of(name):
    return (FOLDER / name).read_text(encoding="utf-8")


def violated(name):
    """The ids that the name says are violated."""
    return [EXAMPLES[name]["id"].upper()] if EXAMPLES[name]["kind"] == "bad" else []


def run(name):
    """Define what a snippet defines; give the ids for which that is refused, and all that it defined."""
    names: dict[str, Any] = {}
    try:
        exec(compile(text_of(name), name, "exec"), names)
    except ManagedInstanceError as error:
        return [violation.id for violation in error.violations], names["stack"]
    return [], names["stack"]


def test_every_file_says_what_it_is():
    """By its name; nothing else lies in the folder."""
    assert {path.name for path in FOLDER.iterdir()} - {"__init__.py", "__pycache__"} == set(EXAMPLES)


@pytest.mark.parametrize("id", IDS)
def test_every_rule_has_a_pair(id):
    """The main one: Python for what is about arguments, a template for what is about facts."""
    language = "py" if id.startswith("LMI0") else "json"
    found = {name for name, match in EXAMPLES.items() if match["id"] == id.lower() and not match["variant"]}
    assert found == {f"{id.lower()}.{kind}.{language}" for kind in ("bad", "good")}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_file_has_a_rule_and_its_other_half(name):
    """An example that is left over says nothing."""
    assert EXAMPLES[name]["id"].upper() in IDS
    other = {"bad": "good", "good": "bad"}[EXAMPLES[name]["kind"]]
    assert name.replace(f".{EXAMPLES[name]['kind']}.", f".{other}.") in EXAMPLES


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_violates_what_its_name_says(name):
    """Once, and nothing else."""
    assert [violation.id for violation in check_template(json.loads(text_of(name)))] == violated(name)


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_violates_what_its_name_says(name, warned):
    """Run as it would be pasted; a good one is not even warned of."""
    refused_for, stack = run(name)
    assert refused_for == violated(name)
    assert warned(stack) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_written_alike(name):
    """So that the difference between two shows what was mended and nothing else."""
    assert text_of(name) == json.dumps(json.loads(text_of(name)), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("id", IDS)
def test_the_difference_mends_the_bad_example(id):
    """Applied to it, the good one comes out; and there are no file names before it."""
    text, difference = examples.example(id, "bad"), examples.before_after(id)
    nothing, *hunks = re.split(r"^@@ .* @@\n", difference, flags=re.MULTILINE)
    assert nothing == ""
    for hunk in hunks:
        before, after = (
            "".join(line[1:] for line in hunk.splitlines(keepends=True) if line[0] in (" ", sign)) for sign in "-+"
        )
        assert text.count(before) == 1
        text = text.replace(before, after)
    assert text == examples.example(id, "good")


@pytest.mark.parametrize(("id", "kind"), [("LMI999", "bad"), ("LMI104", "better"), ("../LMI104", "bad"), ("", "")])
def test_what_there_is_no_example_of(id, kind):
    """Said plainly."""
    with pytest.raises(LookupError, match=re.escape(repr(id))):
        examples.example(id, kind)
