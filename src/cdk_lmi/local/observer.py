"""Starts awslambdaric and tells what its processes do to what they share.

A program of its own, started by its path inside the environment: it imports nothing of this package and nothing that
the runtime does not, so that what is measured is the runtime and the handler.

Arguments: a descriptor to tell on; 1 to look for hazards, 0 not to; and the handler. Each record is one line, written
at once, so that those of several processes do not mix: the process, what it did, and to what.
"""

import os
import sys

#: What no runtime exits with: the client is missing, or is one from before it ran several processes.
NO_CLIENT, OLD_CLIENT = 113, 114
#: Bytes of a record at most: what the system writes in one piece.
RECORD_MAX = 4096
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def observe(descriptor: int, hazards: bool) -> None:
    """Tell how processes that were waited for ended and, of hazards, of files written in /tmp and of ports bound."""
    identity = os.fstat(descriptor).st_ino
    directories = tuple({"/tmp/", os.environ["TMPDIR"].rstrip("/") + "/"})

    def tell(*fields: object) -> None:
        try:
            # A handler may have closed every descriptor and opened a file under this number since.
            if os.fstat(descriptor).st_ino == identity:
                record = "\t".join(map(str, (os.getpid(), *fields)))
                os.write(descriptor, record.encode("utf-8", "backslashreplace")[: RECORD_MAX - 1] + b"\n")
        except OSError:
            pass  # nobody reads, or not fast enough: the handler must not notice

    def written(path: str | bytes | int) -> None:
        if isinstance(path, int):
            return
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - no pathlib here
        # tempfile opens the directory by name, with an opener that opens a file in it.
        if name.startswith(directories) and not os.path.isdir(name):  # noqa: PTH112 - no pathlib here
            tell("write", name.encode("unicode_escape", "surrogatepass").decode("ascii"))

    def hook(event: str, arguments: tuple) -> None:  # type: ignore[type-arg]
        if event == "open":
            flags = arguments[2]
            if isinstance(flags, int) and flags & WRITING and not flags & os.O_EXCL:
                written(arguments[0])
        elif event == "sqlite3.connect":
            written(arguments[0])
        elif event == "socket.bind":
            address = arguments[1]
            if isinstance(address, tuple) and len(address) > 1 and address[1]:
                tell("bind", int(address[1]))
        elif event == "fcntl.flock" or event == "fcntl.lockf":
            name = os.readlink(f"/proc/self/fd/{arguments[0]}")  # noqa: PTH115 - no pathlib here
            tell("lock", name.encode("unicode_escape", "surrogatepass").decode("ascii"))

    def safe_hook(event: str, arguments: tuple) -> None:  # type: ignore[type-arg]
        if event in EVENTS:
            try:  # noqa: SIM105 - no contextlib here
                hook(event, arguments)
            except Exception:
                pass  # what a hook raises would fail the call that it looks at

    waitpid = os.waitpid

    def waitpid_and_tell(pid: int, options: int) -> "tuple[int, int]":
        ended, status = waitpid(pid, options)
        if ended:
            tell("exit", ended, status)
        return ended, status

    def in_child() -> None:
        os.waitpid = waitpid

    # Once waited for, nobody else can learn how a process ended.
    os.waitpid = waitpid_and_tell
    os.register_at_fork(after_in_child=in_child)
    if hazards:
        sys.addaudithook(safe_hook)


EVENTS = frozenset({"open", "sqlite3.connect", "socket.bind", "fcntl.flock", "fcntl.lockf"})


def main(descriptor: int, hazards: bool, handler: str) -> None:
    """Become the runtime."""
    # As python -m awslambdaric has it where Lambda starts it: the function's own code first.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    sys.argv = ["awslambdaric", handler]
    os.environ["AWS_EXECUTION_ENV"] = "AWS_Lambda_python%d.%d" % sys.version_info[:2]  # noqa: UP031
    observe(descriptor, hazards)
    try:
        from awslambdaric import __main__ as client
    except ModuleNotFoundError as missing:
        if missing.name != "awslambdaric":
            raise
        sys.exit(NO_CLIENT)
    if not hasattr(client.LambdaConfigProvider, "is_multi_concurrent"):
        sys.exit(OLD_CLIENT)
    client.main(sys.argv)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] == "1", sys.argv[3])
