"""The emulator: ministack, in an environment of its own, for it pins another botocore than boto3 wants.

It listens on the loopback address only. What it writes is below one directory.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .environment import beside_the_project
from .unusable import Unusable, last_lines

ENVIRONMENT = beside_the_project("emulator", "ministack==1.5.33")
PYTHON = ENVIRONMENT.program("python")
LAUNCHER = str(Path(__file__).with_name("launcher.py"))
HOST = "127.0.0.1"
#: Seconds that it has to answer its first request, and to end.
START_TIMEOUT, STOP_TIMEOUT = 30.0, 15.0


def is_installed() -> bool:
    """Tell whether the emulator is there, in the right version."""
    return ENVIRONMENT.is_installed()


def install() -> None:
    """Install the emulator unless it is there.

    Raises:
        Unusable: It could not be installed.
    """
    ENVIRONMENT.install()


def resource_types() -> frozenset[str]:
    """Ask an installed emulator which types of resources it can deploy, its stand-ins among them."""
    command = [PYTHON, "-I", LAUNCHER, "--resource-types"]
    return frozenset(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


class Emulator:
    """One emulator, from ``start`` to ``stop``; what was deployed outlives a stop and comes back with the next start.

    Args:
        directory: Where it writes.
        port: The port that it listens at. Default: one that is free.
        functions_url: Where invocations go. Default: it runs functions itself.

    Attributes:
        url: Its address, for all of AWS.
    """

    def __init__(self, directory: Path, *, port: int | None = None, functions_url: str | None = None) -> None:
        self._directory = directory
        self._log = directory / "emulator.log"
        self._port = free_port() if port is None else port
        self._functions_url = functions_url
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://{HOST}:{self._port}"

    def start(self) -> None:
        """Start it, and return when it answers.

        Raises:
            Unusable: The port is taken, or it ended.
        """
        check_port(self._port)
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._log.open("a") as output:
            self._process = subprocess.Popen(
                [PYTHON, LAUNCHER],
                env=self._environment(),
                # The launcher ends when this closes, thus whatever ends us. A terminal's Ctrl-C is ours alone.
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it, and return when it has kept what was deployed."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(STOP_TIMEOUT)
        except BaseException:
            process.kill()
            process.wait()
            raise

    def log(self) -> str:
        """Give what it wrote so far."""
        return self._log.read_text(errors="replace")

    def _environment(self) -> dict[str, str]:
        """Give all environment variables: nothing of the caller's gets in."""
        return {
            "PATH": os.defpath,
            "HOME": str(self._directory),
            "TMPDIR": str(self._directory),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": HOST,
            "GATEWAY_PORT": str(self._port),
            "LOG_LEVEL": "WARNING",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._directory / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._directory / "s3"),
            # Services that would listen at ports of their own.
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            **({"FUNCTIONS_URL": self._functions_url} if self._functions_url else {}),
        }

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            if answers(f"{self.url}/_ministack/health"):
                return
            time.sleep(0.05)
        raise Unusable(f"the emulator does not run; this is what it wrote:\n{last_lines(self.log())}")


@contextmanager
def running(directory: Path) -> Iterator[str]:
    """Run an emulator, with what it writes in the directory; give its address."""
    emulator = Emulator(directory)
    emulator.start()
    try:
        yield emulator.url
    finally:
        emulator.stop()


def answers(url: str) -> bool:
    """Tell whether something answers a request, whatever it says; the caller's proxy has no part in it."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=START_TIMEOUT):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def check_port(port: int) -> None:
    """Refuse a port that something listens at.

    Raises:
        Unusable: Something does, or it is no number of a port.
    """
    if not 1 <= port <= 65535:
        raise Unusable(f"a port is a number from 1 to 65535, got {port}")
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            raise Unusable(f"port {port} of {HOST} is taken by another program; end that one, or choose another port")


def free_port() -> int:
    """Find a port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
