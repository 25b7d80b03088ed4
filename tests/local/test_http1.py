"""Requests that arrive in any pieces."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_lmi.local.http1 import BadRequest, Request, RequestReader

BODY_MAX = 50
TOKENS = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8).map(lambda text: f"x{text}")


@st.composite
def requests(draw):
    """Give the bytes of a request, and what it says."""
    path = "/" + draw(st.text("abc/", max_size=10))
    headers = draw(st.dictionaries(TOKENS, st.text("abc ,;=", max_size=10).map(str.strip), max_size=3))
    body = draw(st.binary(max_size=20) | st.binary(min_size=BODY_MAX + 1, max_size=80))
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if draw(st.booleans()):
        pieces, rest = [], body
        while rest:
            size = draw(st.integers(1, len(rest)))
            extension = draw(st.sampled_from(["", ";a=b"]))
            pieces.append(f"{size:x}{extension}\r\n".encode() + rest[:size] + b"\r\n")
            rest = rest[size:]
        lines.append("Transfer-Encoding: chunked")
        trailer = draw(st.sampled_from([b"", b"a: b\r\n"]))
        sent = b"".join(pieces) + b"0\r\n" + trailer + b"\r\n"
    else:
        lines.append(f"Content-Length: {len(body)}")
        sent = body
    return "\r\n".join([*lines, "", ""]).encode() + sent, (path, headers, body)


@settings(max_examples=50)
@given(st.lists(requests(), min_size=1, max_size=4), st.data())
def test_any_pieces_make_the_same_requests(those, data):
    """Of a long body the beginning is kept and all counted."""
    sent = b"".join(text for text, _ in those)
    reader = RequestReader(BODY_MAX)
    read: list[Request] = []
    while sent:
        size = data.draw(st.integers(1, len(sent)))
        read += reader.feed(sent[:size])
        sent = sent[size:]
    assert [(request.path, request.body, request.size) for request in read] == [
        (path, body[:BODY_MAX], len(body)) for _, (path, _, body) in those
    ]
    for request, (_, (_, headers, _)) in zip(read, those, strict=True):
        assert headers.items() <= request.headers.items()


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        b"x" * (2 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_request_is_refused(sent):
    """Rather than read as something else."""
    with pytest.raises(BadRequest):
        list(RequestReader(BODY_MAX).feed(sent))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(sent):
    """Anybody may connect."""
    with suppress(BadRequest):
        list(RequestReader(BODY_MAX).feed(sent))


def test_a_client_that_waits_is_told_once_to_send():
    """curl waits before it sends much."""
    reader = RequestReader(BODY_MAX)
    assert list(reader.feed(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")) == []
    assert reader.expects_continue
    assert not reader.expects_continue
    (request,) = reader.feed(b"abc")
    assert request.body == b"abc"
