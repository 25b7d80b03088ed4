"""Real templates with something else in their places: whatever it is, judging and drawing them come to an answer.

Every property that an example has, of each type of resource, is put in turn to each value; and the template of the
orders API to several at once.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cdk_lmi import check_template
from cdk_lmi.diagram.drawing import Subject, draw
from cdk_lmi.diagram.mermaid import flowchart
from cdk_lmi.rules.examples import __file__ as examples
from cdk_lmi.template.intrinsics import Template

#: As properties are not: see tests/conftest.py.
pytestmark = pytest.mark.untraced

EXAMPLES = sorted(Path(examples).parent.glob("*.json"))
#: What ``make snapshot`` keeps of the example's stack: some 200 resources.
ORDERS_API = Path(__file__).parents[1] / "orders_api/__snapshots__/test_stack/TestTemplate.test_snapshot.json"

GONE = object()
#: What JSON can hold in the place of something else: each kind of value, the extreme ones, intrinsic functions that are
#: sound, that refer to nothing, and whose arguments are of other kinds.
VALUES: list[Any] = [
    *(GONE, None, True, 7, -1.5, 10**400, float("inf"), "", "${", "\ud800", "$LATEST.PUBLISHED", [], {}, [7], [{}]),
    *({"Ref": "Nothing"}, {"Ref": []}, {"Ref": "AWS::NoValue"}, {"Fn::GetAtt": [[], {}]}, {"Fn::Join": ["", 7]}),
    *({"Fn::Sub": ["${A}", {"A": []}]}, {"Fn::If": [[], 1, 2]}, {"Fn::If": ["A", 1, []]}, {"Fn::Select": [9, []]}),
    *({"Fn::Split": [",", 7]}, {"Fn::FindInMap": [[], {}, 1]}, {"Fn::ImportValue": {"A": 1}}),
    *({"Fn::Transform": {"Name": "A"}}, {"Fn::Transform": [7], "A": 1}, {"Fn::ForEach::A": 7, "B": 1}),
]

Place = tuple[str | int, ...]


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Every place in a value, and itself."""
    yield here
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*here, key))


def put(document: Any, place: Place, value: Any) -> None:
    """Put a value in a place."""
    *above, last = place
    for key in above:
        document = document[key]
    if value is GONE:
        del document[last]
    else:
        document[last] = value


def by_kind() -> dict[str, list[tuple[Path, Place]]]:
    """One place of an example for each property path of a type of resource, and for each other section."""
    found: dict[tuple[str, Place], tuple[Path, Place]] = {}
    for path in EXAMPLES:
        document = json.loads(path.read_text(encoding="utf-8"))
        for place in places(document):
            if not place or "Metadata" in place:
                continue
            kind = document["Resources"][place[1]]["Type"] if place[0] == "Resources" and place[1:] else str(place[0])
            below = tuple("[]" if isinstance(key, int) else key for key in place[2:])
            found.setdefault((kind, below), (path, place))
    kinds: dict[str, list[tuple[Path, Place]]] = {}
    for (kind, _), where in found.items():
        kinds.setdefault(kind, []).append(where)
    return kinds


PLACES = by_kind()


def answer(document: Any, *, drawn: bool = True) -> None:
    """Judge a template, and draw it."""
    check_template(document)
    if not drawn:
        return
    subject = Subject("Shop", Template(document))
    flowchart(draw([(subject, subject.functions)]))


@pytest.mark.parametrize("kind", sorted(PLACES))
def test_anything_in_the_place_of_anything_comes_to_an_answer(kind):
    """One place at a time. Of its values every third is drawn too, which takes longer: of the next place, others."""
    for number, (path, place) in enumerate(PLACES[kind]):
        sound = path.read_text(encoding="utf-8")
        for position, value in enumerate(VALUES, start=number):
            document = json.loads(sound)
            put(document, place, value)
            try:
                answer(document, drawn=position % 3 == 0)
            except Exception as error:
                pytest.fail(f"{path.name}: {value!r} at {place}: {type(error).__name__}: {error}")


@pytest.mark.parametrize("seed", range(12))
def test_several_at_once_come_to_an_answer(seed):
    """In the template of a whole service: what one hides, another may not."""
    random = Random(seed)
    document = json.loads(ORDERS_API.read_text(encoding="utf-8"))
    answer(document)
    for _ in range(10):
        changed = copy.deepcopy(document)
        for place in random.sample([place for place in places(changed) if len(place) > 1], 40):
            try:
                put(changed, place, random.choice(VALUES))
            except (IndexError, KeyError, TypeError):
                continue  # Another change took the place away.
        answer(changed)
