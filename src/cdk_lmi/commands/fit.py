"""``cdk-lmi fit``: measures a handler and finds the smallest size that holds it."""

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
_EPILOG = """examples:
  cdk-lmi fit list_orders:handler --event event.json             which size does it take?
  cdk-lmi fit list_orders:handler --event small.json --event large.json --concurrency 1,8,16,32 --plot fit.svg
  cdk-lmi fit --event event.json --template cdk.out --function ListOrders
                                                                  does it fit the size that it is deployed with?
  cdk-lmi fit list_orders.handler --event event.json --task-root handlers --env TABLE=orders --seconds 20

The handler runs on this machine, as an execution environment of Managed Instances runs it: in AWS's own runtime client,
one process for each invocation at once, and with nothing of this shell's environment but what --env and the template
say. It does whatever it does: what it calls is called. Linux only, and pip install 'cdk-lmi[local]'.

What is declared fits if its memory does: too little fails the publishing. With fewer vCPUs than were busy here it runs
and answers fewer, so that it fits; the report says so, and names the smallest size that has both.

exit codes:
  0  it fits what the template declares; without --template, a size was found
  1  it does not fit, or no size holds it
  2  wrong use, input that cannot be read, a handler that fails, a machine with too little memory to tell, or a
     picture that cannot be written, after the report
"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument(
        "handler",
        nargs="?",
        metavar="HANDLER",
        help="module:function or Lambda's module.function (default: that of the template)",
    )
    parser.add_argument(
        "--event",
        action="append",
        required=True,
        metavar="FILE",
        help="what the handler is invoked with: a file with JSON, or - for standard input (several are sent in turn)",
    )
    parser.add_argument(
        "--task-root",
        metavar="DIR",
        help="the folder of the code (default: that of the template's function in cdk.out, else the working directory)",
    )
    parser.add_argument(
        "--template",
        metavar="PATH",
        help="tell whether the handler fits the size that is declared here: a template, or cdk.out; memory size, "
        "concurrency, timeout, handler and environment variables are taken from it",
    )
    parser.add_argument(
        "--function",
        metavar="ID",
        help="the logical id or construct path of the function in the template (default: the only one there is)",
    )
    parser.add_argument(
        "--concurrency",
        metavar="N,N,…",
        help="invocations at once to find a size for (default: what the template declares, else 1,4,16)",
    )
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--requests", metavar="N", help="invocations to time at each concurrency, for 1 s at least")
    amount.add_argument(
        "--seconds", metavar="S", help="how long to load each concurrency, in seconds, from 1 on (default: 5)"
    )
    parser.add_argument(
        "--headroom",
        default=f"{HEADROOM:g}",
        metavar="PERCENT",
        help="what to leave on top of the peak (default: %(default)s)",
    )
    parser.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable of the function (may be given several times)",
    )
    parser.add_argument(
        "--timeout", metavar="S", help="of one invocation, in seconds (default: that of the template, else Lambda's: 3)"
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="how to report: text for people, json for programs (default: %(default)s)",
    )
    parser.add_argument("--output", metavar="FILE", help="write the report to this file instead of standard output")
    parser.add_argument(
        "--plot", metavar="FILE", help="draw memory and throughput into this file, .svg or .png: needs matplotlib"
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
        with progress() as watch:
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
        # A machine that is too small or no Linux, an extra that is missing, variables that Lambda reserves.
        raise WrongUseError(_printable_lines(str(error))) from None


def _failure(error: HandlerFailedError, request: Request) -> str:
    """Tell how the handler failed, and where in its code that was."""
    from ..reports.printable import printable, shown

    event = printable(shown(request.event_files[error.event]))
    lines = [f"{printable(request.handler)} failed for {event} at concurrency {error.concurrency}: {error}"]
    payload = error.invocation.payload
    trace = payload.get("stackTrace") if isinstance(payload, dict) else None
    if isinstance(trace, list):
        lines.extend(str(line).rstrip() for line in trace[-_LINES_OF_TRACE:])
    if error.timed_out:
        lines.append(f"raise --timeout, which is {request.timeout:g} s, or measure a lower concurrency")
    lines.extend(_unknown_variables(request))
    return _printable_lines("\n".join(lines))


def _not_initialised(error: NotInitialisedError, request: Request) -> str:
    """Tell how the environment did not come up, without what Python does to import."""
    lines = [f"{request.handler} did not initialise at concurrency {error.concurrency}: {_without_import(str(error))}"]
    return _printable_lines("\n".join([*lines, *_unknown_variables(request)]))


def _without_import(trace: str) -> str:
    return _FRAME_OF_IMPORT.sub("", trace)


def _unknown_variables(request: Request) -> Iterator[str]:
    """Tell which variables the handler had not, since the template does not tell their values."""
    for name in request.declaration.unknown_environment if request.declaration else ():
        if name not in request.env:
            yield f"{name} is known at deployment only: give it with --env {name}=…"


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
    """Draw what there is to draw, once the report is safe, and give the exit code."""
    from pathlib import Path

    if not fit.measurements:
        tell("there is nothing to draw: no concurrency was measured")
        return exit_code
    from ..fit.plot import plot

    try:
        write_file(path, plot(fit, Path(path).suffix.lower()))
    except WrongUseError as error:
        tell(str(error))
        return UNUSABLE
    return exit_code


COMMAND = Command("fit", "measure a handler, and find the smallest size that holds it", _configure, _run)
