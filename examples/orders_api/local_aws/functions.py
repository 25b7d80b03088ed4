"""Runs the functions that were deployed, each version with the code, the settings and the concurrency it has there.

A function on Managed Instances is one execution environment of as many processes as it takes invocations at once. It
is up before its version counts as published, so that one which does not come up fails the deployment, as on AWS. Where
a process of it ends, another environment takes its place, and the rest of the old one serves until then.

A standard function is as many environments as there are invocations at once, each one process under the same runtime
client. The emulator could run it itself, but under a client of its own: what AWS's makes of logs, errors, signals and
large answers is then not what is seen. An environment is over where its process ended or its time ran out, as on AWS.

Code is compiled once when it is unpacked, so that imports are quicker than those of the same code on AWS.
"""

from __future__ import annotations

import base64
import compileall
import hashlib
import io
import json
import os
import threading
import zipfile
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from cdk_lmi.local import ExecutionEnvironment, InitError, Invocation

from .credentials import ENVIRONMENT_OF_CLIENTS
from .emulator import HOST

Start = Callable[[], ExecutionEnvironment]
TIMED_OUT = "Sandbox.Timedout"
DELETED = "the function was deleted"


class Version(ABC):
    """One version of a function, as it was deployed.

    Args:
        configuration: Its settings, as Lambda's API has them.
        start: Starts an execution environment of it.

    Attributes:
        configuration: See above.
        served: How many invocations each process took, by its number.
    """

    def __init__(self, configuration: Mapping[str, Any], start: Start) -> None:
        self.configuration = configuration
        self.served: Counter[int] = Counter()
        self._start = start
        self._lock = threading.Lock()
        #: How many invocations each environment has.
        self._busy: Counter[ExecutionEnvironment] = Counter()
        self._closed = False

    @abstractmethod
    def invoke(self, event: Any) -> Invocation:
        """Invoke the function and wait for what comes of it."""

    def environments(self) -> list[ExecutionEnvironment]:
        """Give the execution environments that run."""
        with self._lock:
            return list(self._busy)

    def close(self) -> None:
        """End every process."""
        with self._lock:
            self._closed = True
            running = list(self._busy)
            self._busy.clear()
        with ThreadPoolExecutor(max_workers=max(len(running), 1)) as pool:
            list(pool.map(ExecutionEnvironment.close, running))

    def _started(self, taken: int = 0) -> ExecutionEnvironment:
        """Start one more environment, of which so much is taken."""
        environment = self._start()
        with self._lock:
            if not self._closed:
                self._busy[environment] = taken
                return environment
        environment.close()
        raise RuntimeError(DELETED)

    def _count(self, invocation: Invocation) -> None:
        if invocation.pid is not None:
            with self._lock:
                self.served[invocation.pid] += 1


class StandardVersion(Version):
    """A version of a standard function: an environment takes one invocation at a time."""

    def invoke(self, event: Any) -> Invocation:
        """Invoke the function in an environment that is idle, or in a new one."""
        environment = self._take_idle() or self._started(taken=1)
        over = True
        try:
            invocation = environment.invoke(event)
            over = not environment.workers or invocation.error_type == TIMED_OUT
        finally:
            self._give_back(environment, over=over)
        self._count(invocation)
        return invocation

    def _give_back(self, environment: ExecutionEnvironment, *, over: bool) -> None:
        with self._lock:
            if over:
                self._busy.pop(environment, None)
            elif environment in self._busy:
                self._busy[environment] = 0
        if over:
            environment.close()

    def _take_idle(self) -> ExecutionEnvironment | None:
        with self._lock:
            idle = next((environment for environment, taken in self._busy.items() if not taken), None)
            if idle is not None:
                self._busy[idle] = 1
            return idle


class ManagedVersion(Version):
    """A version of a function on Managed Instances: one environment that takes many at once.

    Raises:
        InitError: It did not come up.
    """

    def __init__(self, configuration: Mapping[str, Any], start: Start) -> None:
        super().__init__(configuration, start)
        self._current = self._started()
        self._replacement: threading.Thread | None = None

    def invoke(self, event: Any) -> Invocation:
        """Invoke the function in the environment that is up."""
        with self._lock:
            if self._closed:
                raise RuntimeError(DELETED)
            environment = self._current
            self._busy[environment] += 1
        try:
            invocation = environment.invoke(event)
        finally:
            self._give_back(environment)
        self._count(invocation)
        self._replace_if_short(environment)
        return invocation

    def close(self) -> None:
        """End every process, those of an environment that is about to come up as well."""
        super().close()
        if replacement := self._replacement:
            replacement.join()

    def _give_back(self, environment: ExecutionEnvironment) -> None:
        with self._lock:
            if environment not in self._busy:
                return  # the version was deleted meanwhile
            self._busy[environment] -= 1
        self._close_if_drained(environment)

    def _close_if_drained(self, environment: ExecutionEnvironment) -> None:
        """Close an environment that another one took the place of, once it has nothing to do."""
        with self._lock:
            if environment is self._current or self._busy.get(environment, 1):
                return
            del self._busy[environment]
        environment.close()

    def _replace_if_short(self, environment: ExecutionEnvironment) -> None:
        with self._lock:
            whole = len(environment.workers) >= concurrency_of(self.configuration)
            if whole or self._closed or self._replacement or environment is not self._current:
                return
            self._replacement = threading.Thread(target=self._replace)
            self._replacement.start()

    def _replace(self) -> None:
        try:
            environment = self._started()
        except (InitError, RuntimeError):
            self._replacement = None  # what is left of the old one goes on; the next invocation tries again
            return
        with self._lock:
            old, self._current, self._replacement = self._current, environment, None
        self._close_if_drained(old)


def is_managed(configuration: Mapping[str, Any]) -> bool:
    """Tell whether a function is on Managed Instances."""
    return bool(configuration.get("CapacityProviderConfig"))


def concurrency_of(configuration: Mapping[str, Any]) -> int:
    """Give how many invocations an environment of a function on Managed Instances takes at once."""
    provider = configuration["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
    return int(provider["PerExecutionEnvironmentMaxConcurrency"])


class Functions:
    """All functions of the emulator's Lambda, and where it sends their invocations: ``with Functions(...) as it:``.

    Args:
        directory: Where code is unpacked.

    Attributes:
        url: Where invocations are sent.
        endpoint_url: What functions take for AWS; to be set before the first one is invoked.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._unpacking = threading.Lock()
        self._publishing: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)
        #: By name and version; with each the revision that it is of.
        self._versions: dict[tuple[str, str], tuple[str, Version]] = {}
        self._server = _Server((HOST, 0), partial(_Exchange, self))
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        self.endpoint_url = ""

    def __enter__(self) -> Functions:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.delete()

    def versions(self) -> Mapping[tuple[str, str], Version]:
        """Give what runs, by name and version of the function."""
        with self._lock:
            return {key: version for key, (_, version) in self._versions.items()}

    def managed(self) -> Iterator[ManagedVersion]:
        """Give the versions on Managed Instances that run."""
        return (version for version in self.versions().values() if isinstance(version, ManagedVersion))

    def find(self, name: str, version: str, revision: str) -> Version | None:
        """Give a version if it runs with these settings and this code."""
        with self._lock:
            known, found = self._versions.get((name, version), (None, None))
            return found if known == revision else None

    def publish(self, configuration: Mapping[str, Any], code: bytes) -> None:
        """Take a version, in place of another revision of it.

        Raises:
            InitError: It is on Managed Instances, and did not come up.
        """
        key = (configuration["FunctionName"], configuration["Version"])
        # Of several invocations that come first, each hands the version over; one is enough.
        with self._publishing[key]:
            if self.find(*key, configuration["RevisionId"]):
                return
            task_root = self._unpack(code)
            start = partial(start_environment, configuration, task_root, self.endpoint_url)
            version = (ManagedVersion if is_managed(configuration) else StandardVersion)(configuration, start)
            with self._lock:
                _, old = self._versions.pop(key, (None, None))
                self._versions[key] = (configuration["RevisionId"], version)
            if old:
                old.close()

    def delete(self, name: str | None = None, version: str | None = None) -> None:
        """End what runs of a version, of a function, or all."""
        with self._lock:
            keys = [key for key in self._versions if name in (None, key[0]) and version in (None, key[1])]
            gone = [self._versions.pop(key)[1] for key in keys]
        for each in gone:
            each.close()

    def _unpack(self, code: bytes) -> Path:
        with self._unpacking:
            target = self._directory / hashlib.sha256(code).hexdigest()[:16]
            if not target.exists():
                with zipfile.ZipFile(io.BytesIO(code)) as archive:
                    archive.extractall(target)
                compileall.compile_dir(str(target), quiet=2, workers=os.cpu_count() or 1)
            return target


def start_environment(configuration: Mapping[str, Any], task_root: Path, endpoint_url: str) -> ExecutionEnvironment:
    """Start an execution environment of a function.

    Raises:
        InitError: It did not come up.
    """
    managed = is_managed(configuration)
    logging = configuration.get("LoggingConfig", {})
    settings = {
        "AWS_LAMBDA_LOG_FORMAT": logging.get("LogFormat"),
        "AWS_LAMBDA_LOG_LEVEL": logging.get("ApplicationLogLevel"),
        "AWS_ENDPOINT_URL": endpoint_url,
        **ENVIRONMENT_OF_CLIENTS,
        **configuration.get("Environment", {}).get("Variables", {}),
    }
    arn = configuration["FunctionArn"]
    return ExecutionEnvironment(
        configuration["Handler"],
        task_root=task_root,
        max_concurrency=concurrency_of(configuration) if managed else 1,
        memory_size=configuration["MemorySize"],
        env={name: value for name, value in settings.items() if value is not None},
        timeout=configuration["Timeout"],
        ephemeral_storage_size=configuration["EphemeralStorage"]["Size"],
        observe=managed,
        initialization_type="lambda-managed-instances" if managed else "on-demand",
        function_arn=arn if arn.count(":") == 7 else f"{arn}:{configuration['Version']}",
    ).__enter__()


def result_of(invocation: Invocation) -> dict[str, Any]:
    """Say in the emulator's words what an invocation came to."""
    if invocation.ok:
        return {"body": invocation.payload}
    if invocation.status_code == 429:
        reason = {
            "__type": invocation.error_type,
            "message": invocation.error_message,
            "Reason": "ConcurrentInvocationLimitExceeded",
        }
        return {"throttle": True, "error": True, "body": reason}
    return failure(invocation.payload)


def failure(payload: Any) -> dict[str, Any]:
    """Say in the emulator's words that a function failed."""
    return {"error": True, "function_error": "Unhandled", "body": payload}


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


class _Exchange(BaseHTTPRequestHandler):
    """One request of the launcher."""

    protocol_version = "HTTP/1.1"

    def __init__(self, functions: Functions, *arguments: Any) -> None:
        self._functions = functions
        super().__init__(*arguments)

    def do_POST(self) -> None:
        """Invoke a version; 404 where it is not known in this revision."""
        event = self._body()
        name, version, revision, _ = self._parts()
        found = self._functions.find(name, version, revision)
        if found is None:
            self._answer(404, b"")
            return
        try:
            result = result_of(found.invoke(json.loads(event)))
        except InitError as error:
            result = failure({"errorType": error.error_type, "errorMessage": error.error_message})
        except RuntimeError as error:  # the environment ended in the meantime
            result = failure({"errorType": "Runtime.ExitError", "errorMessage": str(error)})
        except ValueError as error:
            result = failure({"errorType": "RequestTooLargeException", "errorMessage": str(error)})
        self._answer(200, json.dumps(result).encode())

    def do_PUT(self) -> None:
        """Take a version; 422 where it does not come up."""
        handed = json.loads(self._body())
        try:
            self._functions.publish(handed["configuration"], base64.b64decode(handed["code"]))
        except (InitError, RuntimeError, ValueError) as error:
            self._answer(422, str(error).encode())
        else:
            self._answer(200, b"")

    def do_DELETE(self) -> None:
        """End what runs of a function or of one of its versions."""
        self._functions.delete(*self._parts())
        self._answer(200, b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _parts(self) -> list[str]:
        return [unquote(part) for part in self.path.split("/")[2:]]

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
