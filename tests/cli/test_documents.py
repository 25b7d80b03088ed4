"""Template files: JSON and YAML, what they say, where it stands, and what is none."""

import json
import os
import sys
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi.documents.files import parse, read_template
from cdk_lmi.documents.json import parse_json
from cdk_lmi.documents.source import UnreadableError
from cdk_lmi.documents.yaml import parse_yaml

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9999, 9999) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(TEXTS, children, max_size=4),
    max_leaves=15,
)
LAYOUTS = st.fixed_dictionaries(
    {
        "indent": st.none() | st.integers(0, 3) | st.just("\t"),
        "separators": st.sampled_from([(",", ":"), (" ,\r\n", "\n :\t"), (", ", ": ")]),
        "ensure_ascii": st.booleans(),
    }
)


def pointers(value, pointer=""):
    """Give a pointer to each value in a document, with the key before it or nothing, and the value."""
    if isinstance(value, dict):
        for key, item in value.items():
            step = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            yield step, key, item
            yield from pointers(item, step)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield f"{pointer}/{number}", None, item
            yield from pointers(item, f"{pointer}/{number}")


def rest_from(text, position):
    """Give the text from a position on."""
    return "\n".join(text.split("\n")[position.line - 1 :])[position.column - 1 :]


@given(VALUES, LAYOUTS)
def test_each_value_of_a_json_document_is_found(value, layout):
    """However it is laid out: a member where its key stands, an item where it stands itself."""
    text = json.dumps(value, **layout)
    expected = {pointer: (key, item) for pointer, key, item in pointers(value)}
    document = parse_json(text)
    assert document.value == value
    for pointer, position in document.positions(expected).items():
        key, item = expected[pointer]
        found, _ = json.JSONDecoder().raw_decode(rest_from(text, position))
        assert found == (item if key is None else key)


#: What JSON and YAML both write alike, which emoji as surrogate pairs and 1e-05 are not.
BOTH = st.recursive(
    st.none() | st.booleans() | st.integers(-9999, 9999) | st.text('ab"\\/é😀~ \n\t:,{}[]#&*!-', max_size=6),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text('ab<é~/ \n"', max_size=3), children, max_size=4)
    ),
    max_leaves=15,
)


@given(BOTH, st.sampled_from([None, 2]))
def test_json_and_yaml_agree(value, indent):
    """JSON is YAML: read as either, it says the same at the same places."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    wanted = [pointer for pointer, _, _ in pointers(value)]
    json_document, yaml_document = parse_json(text), parse_yaml(text)
    assert yaml_document.value == json_document.value
    assert yaml_document.positions(wanted) == json_document.positions(wanted)


@pytest.mark.parametrize(
    ("text", "pointer", "place"),
    [
        ('{\n "a": {\n  "b": 1}}', "/a/b", (3, 3)),
        ('{\n "a": {\n  "b": 1}}', "/a/c/d", (2, 2)),
        ('{\n "a": {\n  "b": 1}}', "/a/b/c", (3, 3)),
        ('{\n "a": {\n  "b": 1}}', "/c", (1, 1)),
        ('{"é😀": 1, "b": 2}', "/b", (1, 11)),
        ('{\n "a/b": {\n  "~1": 1}}', "/a~1b/~01", (3, 3)),
        ("é: 😀\nb:\n  - c\n  - d: 1\n", "/b/1/d", (4, 5)),
        ("é: 😀\nb:\n  - c\n  - d: 1\n", "/b/7", (2, 1)),
        ("a: !If [x, {b: 1}, {b: 2}]", "/a/b", (1, 1)),
        ("a: &a\n  c: 1\nb: *a\n", "/b", (3, 1)),
    ],
)
def test_what_is_left_out_is_told_at_what_is_around_it(text, pointer, place):
    """The nearest there is; columns count characters, not bytes."""
    assert parse(text).positions([pointer])[pointer] == place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: !Ref b", {"a": {"Ref": "b"}}),
        ("a: !Condition b", {"a": {"Condition": "b"}}),
        ("a: !GetAtt b.c.d", {"a": {"Fn::GetAtt": ["b", "c.d"]}}),
        ("a: !GetAtt [b, c]", {"a": {"Fn::GetAtt": ["b", "c"]}}),
        ("a: !Sub '${b}'", {"a": {"Fn::Sub": "${b}"}}),
        ("a: !Sub ['${b}', {b: 1}]", {"a": {"Fn::Sub": ["${b}", {"b": 1}]}}),
        ("a: !If [c, !Ref d, 2]", {"a": {"Fn::If": ["c", {"Ref": "d"}, 2]}}),
        ("a: !Select [0, !GetAZs '']", {"a": {"Fn::Select": [0, {"Fn::GetAZs": ""}]}}),
        ("a: !Not [!Equals [b, c]]", {"a": {"Fn::Not": [{"Fn::Equals": ["b", "c"]}]}}),
        ("a: !Transform {Name: b}", {"a": {"Fn::Transform": {"Name": "b"}}}),
        ("a: !ToJsonString {b: 1}", {"a": {"Fn::ToJsonString": {"b": 1}}}),
        *(
            (f"a: !{name} [b, c]", {"a": {f"Fn::{name}": ["b", "c"]}})
            for name in ("Join", "Split", "FindInMap", "And", "Or", "Cidr", "Length", "ForEach", "Base64")
        ),
        ("a: !ImportValue b", {"a": {"Fn::ImportValue": "b"}}),
        ("a: 2012-10-17", {"a": "2012-10-17"}),
        ("200: 1\ntrue: 2", {"200": 1, "true": 2}),
        ("a: [1, 2.5, true, no, ~, '3', 0x10]", {"a": [1, 2.5, True, False, None, "3", 16]}),
        ("a: &x !Ref b\nc: *x", {"a": {"Ref": "b"}, "c": {"Ref": "b"}}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}}),
        ("a: {<<: [{b: 1}, {b: 2, c: 3}]}", {"a": {"b": 1, "c": 3}}),
    ],
)
def test_yaml_says_what_cloudformation_takes_it_for(text, value):
    """Short forms are spelled out, dates and keys are text."""
    assert parse(text).value == value


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_both_parsers_of_pyyaml_agree(loader, monkeypatch):
    """With and without the one that is written in C, value and place are the same."""
    import yaml

    from cdk_lmi.documents import yaml as yaml_documents

    monkeypatch.setattr(yaml_documents, "_Parser", getattr(yaml, loader))
    document = parse_yaml("é: 😀\na:\n  - !GetAtt b.c\n  - d: 1\n")
    assert document.value == {"é": "😀", "a": [{"Fn::GetAtt": ["b", "c"]}, {"d": 1}]}
    assert document.positions(["/a/1/d"]) == {"/a/1/d": (4, 5)}


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", None),
        (" \n\t", None),
        ("# nothing", None),
        ('{"a" 1}', (1, 6)),
        ('{"a": 1,\n "b" 2}', (2, 6)),
        ('{"a": 1} x', (1, 10)),
        ('{"a": 1,\n "b": {"a": 2, "a": 3}}', (2, 16)),
        ('{"\\u0061": 1, "a": 2}', (1, 15)),
        ('{"a": NaN}', None),
        ('{"a": -1e999}', None),
        (f'{{"a": {"9" * 5000}}}', None),
        ("[" * 100_000, None),
        ('{"a":' * 100_000, None),
        ("- " * 50_000, (1, 1999)),
        ("a: [1, 2", (1, 9)),
        ("é: ü\nb: ]", (2, 4)),
        ("a: 1\na: 2", (2, 1)),
        ("? [a]\n: b", (1, 3)),
        ("a: \x01", None),
        ("a: &a [*a]", (1, 4)),
        ("&a {<<: *a}", (1, 1)),
        ("a: *b", (1, 4)),
        ("a: {<<: 1}", (1, 9)),
        ("a: .inf", (1, 4)),
        (f"a: 0x{'f' * 500}", (1, 4)),
        (f"a: {'9' * 5000}", (1, 4)),
        ("a: 0b_", (1, 4)),
        ("a: !!bool b", (1, 4)),
        ("a: !!python/object:os.system b", (1, 4)),
        ("a: 1\n---\nb: 2", (2, 1)),
        (LAUGHS, None),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_cannot_be_read_is_told_where(text, place):
    """An error, soon, with line and column where there is one place to look at."""
    started = time.monotonic()
    with pytest.raises(UnreadableError) as raised:
        parse(text)
    assert raised.value.position == place
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("suffix", "content", "readable"),
    [
        (".json", "Resources: {}", False),
        (".json", '{"Resources": {}}', True),
        (".json", '\ufeff{"Resources": {}}', True),
        (".template", "Resources: {}", True),
        (".template", "{Resources: {}}", False),
        (".yaml", "{Resources: {}}", True),
        (".yml", '{"Resources": {}}', True),
        ("", '\ufeff{"Resources": {}}', True),
        ("", "\ufeffResources: {}", True),
    ],
)
def test_json_and_yaml_are_told_apart(suffix, content, readable, write):
    """By what they begin with; by the file's name where that says more. A byte order mark is no part of either."""
    path = write(f"template{suffix}", content)
    if readable:
        assert read_template(str(path)).value == {"Resources": {}}
    else:
        with pytest.raises(UnreadableError):
            read_template(str(path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b'{"a": "\xff"}', "0xff in line 1"),
        ('{"Resources": {}}'.encode("utf-16"), "UTF-16"),
        (b"\x7fELF\0\0", "binary"),
        (b"[]", "an array"),
        (b"plain text", "text"),
        (b'{"name": "package", "version": "1.0.0"}', "Resources"),
        (b'{"Resources": []}', "an array"),
        (b"Resources:\n", "Resources"),
        (b'{"Resources": {"Fn": {}, "a": 3}}', r"line 1, column 2[56]: .*'a' .*a number"),
        (b"Resources:\n  Fn: {}\n  a:\n", "line 3, .*'a' .*nothing"),
        (b"Resources:\n  a/b: [x]\n", "line 2, .*'a/b' .*an array"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_files_that_are_no_templates_are_told(content, said, write):
    """What it is instead is named."""
    with pytest.raises(UnreadableError, match=said):
        read_template(str(write("template", content)))


def test_what_a_transform_expands_may_be_a_list(write):
    """It is no resource yet."""
    content = {"Resources": {"Fn::ForEach::Topics": ["Name", ["A"], {}], "Fn::Transform": {"Name": "Ours"}}}
    assert read_template(str(write("template.json", content))).value == content


@pytest.mark.parametrize("path", ["missing.json", "*.json", "a\0b", "x" * 5000, "loop"])
def test_paths_that_lead_nowhere_are_told(path, write):
    """Missing, not expanded by the shell, impossible, a link in a circle."""
    write("other", "x").with_name("loop").symlink_to("loop")
    with pytest.raises(UnreadableError, match=r"there is no such file|name|levels|loop"):
        read_template(path)


@pytest.mark.parametrize("path", ["cdk.out", "app/cdk.out", "cdk.out/"])
def test_an_assembly_that_is_not_there_is_told_with_what_writes_it(path, write):
    """No other file is."""
    write("other", "x")
    with pytest.raises(UnreadableError, match=r"there is no such file; run cdk synth first"):
        read_template(path)
    with pytest.raises(UnreadableError, match=r"there is no such file$"):
        read_template("missing.json")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_nobody_may_read_is_told(write):
    """By the reason that the system gives."""
    path = write("secret.json", "{}")
    path.chmod(0)
    with pytest.raises(UnreadableError, match="permission denied"):
        read_template(str(path))


def test_yaml_without_pyyaml_names_the_extra(monkeypatch):
    """And JSON needs none."""
    monkeypatch.delitem(sys.modules, "cdk_lmi.documents.yaml")
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UnreadableError, match=r"cdk-lmi\[yaml\]"):
        parse("Resources: {}")
    assert parse('{"Resources": {}}').value == {"Resources": {}}
    assert parse('{"Resources": {}}', ".yaml").value == {"Resources": {}}


@given(st.binary(max_size=60) | st.text(max_size=60) | st.text("{}[]:,\"'&*!<-?|>#%@` \n\tab01\\", max_size=60))
def test_any_text_is_read_or_told(content):
    """Nothing else is ever raised."""
    text = content.decode("latin-1") if isinstance(content, bytes) else content
    for suffix in ("", ".json", ".yaml"):
        with suppress(UnreadableError):
            parse(text, suffix)
