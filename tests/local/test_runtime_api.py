"""That requests from elsewhere than the environment's own processes do no harm, and that no event waits for ever."""

import asyncio
import http.client
import socket

import pytest

from cdk_lmi.local.runtime_api import RuntimeApi


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
    connection = http.client.HTTPConnection(address[0], address[1], timeout=5)
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


class EveryPort(dict[int, int]):
    """Whatever port it is, it is that of process 7."""

    def get(self, port, default=None):
        return 7


def runtime_api(**keywords):
    """Make one in the running loop, for processes that are not there."""
    nobody = {
        "function_arn": "",
        "timeout": 0.1,
        "workers": lambda: range(1),
        "owners": lambda port: EveryPort(),
        "on_ready": lambda pid: None,
        "on_init_error": lambda outcome: None,
    }
    return RuntimeApi(loop=asyncio.get_running_loop(), **{**nobody, **keywords})


def test_a_connection_that_is_closed_gets_no_event():
    """The next one that asks does, and what it answers reaches the caller."""

    async def submitted():
        ready: asyncio.Queue[int] = asyncio.Queue()
        api = runtime_api(on_ready=ready.put_nowait, timeout=2)
        port = await api.listen(5)
        connections = []
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n")
            await asyncio.wait_for(ready.get(), 2)
            connections.append((reader, writer))
        connections[0][1].close()
        await connections[0][1].wait_closed()
        await asyncio.sleep(0.05)
        told = asyncio.get_running_loop().create_future()
        api.submit(b'{"a": 1}', told.set_result)
        reader, writer = connections[1]
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 2)).decode()
        assert await reader.readexactly(8) == b'{"a": 1}'
        (request_id,) = [line.partition(": ")[2] for line in head.splitlines() if "Request-Id" in line]
        path = f"/2018-06-01/runtime/invocation/{request_id}/response"
        writer.write(f"POST {path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n42\r\n0\r\n\r\n".encode())
        invocation = await asyncio.wait_for(told, 2)
        writer.close()
        api.close()
        return invocation

    invocation = asyncio.run(submitted())
    assert (invocation.payload, invocation.pid) == (42, 7)


def test_an_event_that_no_process_asks_for_is_throttled():
    """A process that should ask and does not holds nobody up."""

    async def submitted():
        loop = asyncio.get_running_loop()
        api = runtime_api()
        told = loop.create_future()
        api.submit(b"{}", told.set_result)
        invocation = await asyncio.wait_for(told, 2)
        again = loop.create_future()
        api.submit(b"{}", again.set_result)
        assert not again.done(), "the place of the first one is free again"
        api.end("over")
        return invocation, await again

    throttled, ended = asyncio.run(submitted())
    assert throttled.status_code == 429
    assert ended.error_type == "Runtime.ExitError"
    assert ended.error_message.endswith("over")
