"""``cdk-lmi fit``: measures a handler and finds the smallest size that fits it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..terminal import (
    CLEAN,
    FINDINGS,
    UNUSABLE,
    Command,
    Done,
    WrongUseError,
    in_colour,
    installed_version,
    progress,
    tell,
    write_file,
)
from ..workload import HEADROOM
from .template_paths import path_argument

if TYPE_CHECKING:
    from ..fit.load import HandlerFailedError, NotInitialisedError
    from ..fit.outcome import Fit
    from .fit_request import Request

# The last calls before an exception.
_LINES_OF_TRACE = 2
# The frames in which Python imports, each with its line of code if there is one.
_FRAME_OF_IMPORT = re.compile(
    r'^ *File "(?:<frozen importlib[^"\n]*|[^"\n]*/importlib/__init__\.py)".*\n(?: *(?!File ")\S.*\n)?', re.MULTILINE
)
# As Python words it, and AWS's runtime client passes it on.
_MISSING_MODULE = re.compile(r"No module named '([^']+)'")
_EPILOG = """examples:
  cdk-lmi fit list_orders:handler --event event.json             which size does it need?
  cdk-lmi fit list_orders:handler --event small.json --event large.json --concurrency 1,8,16,32 --plot fit.svg
  cdk-lmi fit --event event.json --template cdk.out --function ListOrders
                                                                  does it fit its declared size?
  cdk-lmi fit list_orders.handler --event event.json --task-root handlers --env TABLE=orders --seconds 20

The handler runs on this machine as in an execution environment of Managed Instances: in AWS's own runtime client, with
one process for each concurrent invocation. Its environment variables come from --env and the template, not from this
shell. Its calls to other services are real. Linux only; needs pip install 'cdk-lmi[local]'.

A declared size fits if it has enough memory: with too little, publishing fails. With fewer vCPUs than were busy here,
the handler still runs but serves fewer invocations. That counts as a fit; the report says so, and names the smallest
size with enough of both.

exit codes:
  0  the handler fits the declared size; without --template, a size was found
  1  the handler does not fit, or no size is large enough
  2  incorrect usage, unreadable input, a failing handler, a machine with too little memory to decide, or a plot that
     cannot be written (after the report)
"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument(
        "handler",
        nargs="?",
        metavar="HANDLER",
        help="module:function, or Lambda's module.function (default: the template's handler)",
    )
    parser.add_argument(
        "--event",
        action="append",
        type=path_argument,
        required=True,
        metavar="FILE",
        help="event for the handler: a JSON file, or - for standard input (several are sent in turn)",
    )
    parser.add_argument(
        "--task-root",
        type=path_argument,
        metavar="DIR",
        help="folder of the code (default: the template function's folder in cdk.out, else the working directory)",
    )
    parser.add_argument(
        "--template",
        type=path_argument,
        metavar="PATH",
        help="check whether the handler fits the size declared in this template or cdk.out, which also gives the "
        "concurrency, timeout, handler and environment variables",
    )
    parser.add_argument(
        "--function",
        metavar="NAME",
        help="the function in the template: its logical id, its name, or its construct path, whole or from the stack "
        "on (default: the only function)",
    )
    parser.add_argument(
        "--concurrency",
        metavar="N,N,…",
        help="numbers of concurrent invocations to find a size for (default: the template's, else 1,4,16); a single "
        "number also stands for the template's, if that is not known",
    )
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--requests", metavar="N", help="invocations to time at each concurrency, lasting at least 1 s")
    amount.add_argument(
        "--seconds", metavar="S", help="load time for each concurrency in seconds, at least 1 (default: 5)"
    )
    parser.add_argument(
        "--headroom",
        default=f"{HEADROOM:g}",
        metavar="PERCENT",
        help="headroom above the memory peak (default: %(default)s)",
    )
    parser.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="environment variable of the function (may be given several times)",
    )
    parser.add_argument(
        "--timeout",
        metavar="S",
        help="timeout of one invocation in seconds (default: the template's, else Lambda's: 3)",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="report format: text for people, json for programs (default: %(default)s)",
    )
    parser.add_argument(
        "--output", type=path_argument, metavar="FILE", help="write the report to this file instead of standard output"
    )
    parser.add_argument(
        "--plot",
        type=path_argument,
        metavar="FILE",
        help="plot memory and throughput to this file, .svg or .png (needs matplotlib)",
    )


def _run(arguments: argparse.Namespace) -> Done:
    from .fit_request import read_request

    request = read_request(arguments)
    fit = _fit(request)
    exit_code = CLEAN if fit.is_clean else FINDINGS
    report = _report(fit, arguments.format, colour=not arguments.output and in_colour())
    if arguments.output:
        write_file(arguments.output, report)
        report = ""
    if arguments.plot:
        exit_code = _draw(fit, arguments.plot, exit_code)
    return Done(report, exit_code)


def _fit(request: Request) -> Fit:
    from ..fit.fitting import fit
    from ..fit.load import HandlerFailedError, NotInitialisedError

    try:
        with progress(in_lines=True) as watch:
            return fit(
                request.handler,
                task_root=request.task_root,
                events=request.events,
                concurrencies=request.concurrencies,
                declaration=request.declaration,
                requests=request.requests,
                seconds=request.seconds,
                headroom=request.headroom,
                env=request.env,
                timeout=request.timeout,
                watch=watch,
            )
    except HandlerFailedError as error:
        raise WrongUseError(_failure(error, request)) from None
    except NotInitialisedError as error:
        raise WrongUseError(_not_initialised(error, request)) from None
    except (RuntimeError, ValueError) as error:
        # The machine is too small or not Linux, an extra is missing, or Lambda reserves a variable.
        raise WrongUseError(_printable_lines(str(error))) from None


def _failure(error: HandlerFailedError, request: Request) -> str:
    """Describe how the handler failed, and where in its code."""
    from ..reports.printable import printable, shown

    event = printable(shown(request.event_files[error.event]))
    lines = [f"{printable(request.handler)} failed for {event} at concurrency {error.concurrency}: {error}"]
    payload = error.invocation.payload
    trace = payload.get("stackTrace") if isinstance(payload, dict) else None
    if isinstance(trace, list):
        lines.extend(str(line).rstrip() for line in trace[-_LINES_OF_TRACE:])
    if error.timed_out:
        lines.append(f"raise --timeout (now {request.timeout:g} s), or measure a lower concurrency")
    lines.extend(_unknown_variables(request))
    return _printable_lines("\n".join(lines))


def _not_initialised(error: NotInitialisedError, request: Request) -> str:
    """Describe why the environment did not start, without the frames of Python's import system."""
    lines = [f"{request.handler} did not initialise at concurrency {error.concurrency}: {_without_import(str(error))}"]
    return _printable_lines("\n".join([*lines, *_not_found(error, request), *_unknown_variables(request)]))


def _not_found(error: NotInitialisedError, request: Request) -> Iterator[str]:
    """Say where the handler was looked for, if what cannot be imported is itself and nothing that it imports."""
    missing = _MISSING_MODULE.search(str(error))
    module = request.handler.rpartition(".")[0].replace("/", ".")
    if missing and f"{module}.".startswith(f"{missing[1]}."):
        folder = str(request.task_root)
        where = "the working directory" if folder == "." else folder
        yield f"{module} was looked for in {where}: if it is elsewhere, name its folder with --task-root"


def _without_import(trace: str) -> str:
    return _FRAME_OF_IMPORT.sub("", trace)


def _unknown_variables(request: Request) -> Iterator[str]:
    """Name the variables that were not set, because the template does not state their values."""
    for name in request.declaration.unknown_environment if request.declaration else ():
        if name not in request.env:
            yield f"the value of {name} is known only at deployment: set it with --env {name}=…"


def _printable_lines(text: str) -> str:
    from ..reports.printable import printable

    return "\n  ".join(printable(line) for line in text.splitlines())


def _report(fit: Fit, format: str, *, colour: bool) -> str:
    if format == "json":
        from ..fit.json import report

        return report(fit, installed_version())
    from ..fit.text import report as text_report

    return text_report(fit, colour=colour)


def _draw(fit: Fit, path: str, exit_code: int) -> int:
    """Write the plot, once the report is written, and return the exit code."""
    from pathlib import Path

    if not fit.measurements:
        tell("there is nothing to plot: no concurrency was measured")
        return exit_code
    from ..fit.plot import plot

    try:
        write_file(path, plot(fit, Path(path).suffix.lower()))
    except WrongUseError as error:
        tell(str(error))
        return UNUSABLE
    return exit_code


COMMAND = Command("fit", "measure a handler, and find the smallest size that fits it", _configure, _run)
