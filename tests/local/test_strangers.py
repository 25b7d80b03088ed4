"""That requests from elsewhere than the environment's own processes do no harm."""

import http.client
import socket

import pytest


@pytest.fixture
def address(environment):
    """Where the Runtime API of the environment listens."""
    host, port = environment.invoke(["tells"]).payload["environ"]["AWS_LAMBDA_RUNTIME_API"].split(":")
    return host, int(port)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/2018-06-01/runtime/invocation/next", 403),
        ("POST", "/2018-06-01/runtime/init/error", 403),
        ("POST", "/2018-06-01/runtime/invocation/unknown/response", 400),
        ("POST", "/2018-06-01/runtime/invocation/unknown/error", 400),
        ("POST", "/2018-06-01/runtime/invocation/unknown/other", 404),
        ("GET", "/", 404),
        ("PUT", "/2018-06-01/runtime/invocation/next", 404),
    ],
)
def test_a_stranger_gets_no_event(environment, address, method, path, status):
    """And the processes go on as before."""
    assert address[0] == "127.0.0.1"
    connection = http.client.HTTPConnection(*address, timeout=5)
    connection.request(method, path, body=b"{}" if method == "POST" else None)
    response = connection.getresponse()
    response.read()
    assert response.status == status
    invocations = environment.invoke_many([["tells"]] * 8)
    connection.close()
    assert all(invocation.ok for invocation in invocations)


def test_nonsense_is_answered_and_cut_off(environment, address):
    """Nor does a connection that says nothing hold anything up."""
    with socket.create_connection(address, timeout=5) as silent, socket.create_connection(address, timeout=5) as loud:
        loud.sendall(b"nonsense\r\n\r\n")
        assert loud.recv(100).startswith(b"HTTP/1.1 400 ")
        assert environment.invoke(["tells"]).ok
        silent.close()
    assert environment.invoke(["tells"]).ok
