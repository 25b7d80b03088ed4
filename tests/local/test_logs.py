"""Lines of output, however long and however they arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi.local.logs import LINE_MAX, LineReader


def lines_of(*chunks):
    """Give the lines of what arrives."""
    found: list[bytes] = []
    reader = LineReader(found.append)
    for chunk in chunks:
        reader.data_received(chunk)
    reader.connection_lost(None)
    return found


@pytest.mark.parametrize("end", [b"\n", b""])
@pytest.mark.parametrize("length", [0, 1, LINE_MAX - 1, LINE_MAX, LINE_MAX + 1, 103_392, 4 * LINE_MAX])
def test_no_line_is_longer_than_what_is_kept(length, end):
    """Whether its end has arrived or not; nothing of it is lost, and the next line is one of its own."""
    lines = lines_of(b"x" * length + end)
    assert all(len(line) <= LINE_MAX for line in lines)
    assert b"".join(lines) == b"x" * length
    assert len(lines) == max(-(-length // LINE_MAX), int(bool(end)))
    assert lines_of(b"x" * length + b"\nnext\n")[-1] == b"next"


@pytest.mark.parametrize("character", ["é", "€", "😀"])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_is_cut_between_characters(character, end):
    """Wherever the cut would come otherwise."""
    for before in range(4):
        text = "x" * before + character * LINE_MAX
        lines = lines_of(text.encode() + end)
        assert all(LINE_MAX - 3 <= len(line) <= LINE_MAX for line in lines[:-1])
        assert "".join(line.decode() for line in lines) == text


def test_what_is_no_text_is_cut_all_the_same():
    """Bytes that only follow others, without any to follow."""
    assert [len(line) for line in lines_of(b"\x80" * (LINE_MAX + 5) + b"\n")] == [LINE_MAX, 5]


@given(st.lists(st.sampled_from([b"\n", b"x", b"xy\n", "€".encode(), b"x" * 70_000, "é".encode() * 40_000])))
def test_lines_are_the_same_however_they_arrive(chunks):
    """In one piece or many."""
    lines = lines_of(*chunks)
    assert lines == lines_of(b"".join(chunks))
    assert b"".join(lines) == b"".join(chunks).replace(b"\n", b"")
