"""AWS on this machine: ministack, in an environment of its own, for it pins another botocore than boto3 wants."""

import fcntl
import os
import socket
import subprocess
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REQUIREMENT = "ministack==1.5.33"
ENVIRONMENT = Path(__file__).parents[2] / ".venv" / "emulator"
STAMP = ENVIRONMENT / "installed"


def is_installed() -> bool:
    """Tell whether the environment is there, whole, and of the right version."""
    return STAMP.exists() and STAMP.read_text() == REQUIREMENT


def install() -> None:
    """Make the environment unless it is there. Of several processes that want it, one makes it and the others wait."""
    ENVIRONMENT.parent.mkdir(exist_ok=True)
    with ENVIRONMENT.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_installed():
            return
        venv.create(ENVIRONMENT, clear=True, symlinks=True, with_pip=True)
        pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", REQUIREMENT], check=True)
        STAMP.write_text(REQUIREMENT)  # last, so that an environment left half made is made anew


@contextmanager
def running(directory: Path) -> Iterator[str]:
    """Run the emulator, with what it writes in the directory; give its address."""
    port = free_port()
    settings = {
        "PATH": os.defpath,
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
    }
    log = directory / "emulator.log"
    with log.open("w") as output:
        process = subprocess.Popen([ENVIRONMENT / "bin" / "ministack"], env=settings, stdout=output, stderr=output)
    try:
        wait_for(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path, seconds: float = 30) -> None:
    """Return once the port takes connections."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the emulator does not run:\n{log.read_text()}")


def free_port() -> int:
    """Find a port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
