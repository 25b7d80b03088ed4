"""The result of an invocation, and of a failed initialisation, in Lambda's terms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: What Lambda answers a caller whose function failed.
UNHANDLED = "Unhandled"

EXIT_ERROR = "Runtime.ExitError"
TIMED_OUT = "Sandbox.Timedout"
RESPONSE_TOO_LARGE = "Function.ResponseSizeTooLarge"
INVALID_RESPONSE = "Runtime.InvalidResponse"
THROTTLED = "TooManyRequestsException"


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """The result of one invocation.

    Attributes:
        payload: The handler's return value, parsed from JSON; if the function failed, Lambda's error object
            (``errorType``, ``errorMessage``, …); ``None`` if the event was throttled.
        function_error: ``"Unhandled"`` if the function failed, else ``None``, as in the header
            ``X-Amz-Function-Error``. It is also ``None`` for a throttled event, which never reached the function:
            check ``ok``.
        request_id: The value of ``context.aws_request_id``.
        duration_s: Seconds from passing the event to a process until the answer.
        pid: The process that served it, if known.
        error_type: The error, such as ``ValueError`` or ``Runtime.ExitError``; ``TooManyRequestsException`` if every
            process was busy; else ``None``.
        error_message: Lambda's message about the error.
        status_code: 200, or 429 if the event was throttled.
    """

    payload: Any
    function_error: str | None
    request_id: str
    duration_s: float
    pid: int | None = None
    error_type: str | None = None
    error_message: str | None = None
    status_code: int = 200

    @property
    def ok(self) -> bool:
        """Whether the handler received the event and returned."""
        return self.error_type is None


@dataclass(frozen=True)
class Outcome:
    """The result of an invocation before it is timed and returned to the caller."""

    payload: Any
    error_type: str | None = None
    error_message: str | None = None
    status_code: int = 200

    def invocation(self, request_id: str, duration_s: float, pid: int | None) -> Invocation:
        """Return what the caller gets."""
        failed = self.error_type is not None and self.status_code == 200
        return Invocation(
            payload=self.payload,
            function_error=UNHANDLED if failed else None,
            request_id=request_id,
            duration_s=duration_s,
            pid=pid,
            error_type=self.error_type,
            error_message=self.error_message,
            status_code=self.status_code,
        )


def failed(error_type: str, error_message: str) -> Outcome:
    """Return the failure of a function whose runtime could not report it."""
    return Outcome({"errorType": error_type, "errorMessage": error_message}, error_type, error_message)


def throttled(reason: str) -> Outcome:
    """Return what a caller gets whose event no process takes."""
    return Outcome(None, THROTTLED, reason, status_code=429)


def answered(body: bytes) -> Outcome:
    """Read what the handler returned. Bytes that are no JSON fail, as on Lambda."""
    try:
        return Outcome(json.loads(body))
    except (ValueError, RecursionError) as error:
        return failed(INVALID_RESPONSE, f"the response is not JSON: {error}")


def raised(body: bytes, error_type: str) -> Outcome:
    """Read what the runtime says of an exception; ``error_type`` is what its header says."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        return failed(error_type or "Unknown", body[:1000].decode(errors="replace"))
    return Outcome(
        payload, str(payload.get("errorType") or error_type or "Unknown"), str(payload.get("errorMessage", ""))
    )


class InitError(RuntimeError):
    """An execution environment did not initialise. On AWS the version fails to publish.

    Attributes:
        state_reason_code: The version's ``StateReasonCode`` on AWS: ``FunctionError.InitResourceExhausted``,
            ``FunctionError.InitTimeout``, ``FunctionError.RuntimeInitError`` or ``FunctionError.InvalidEntryPoint``.
        error_type: The error, such as ``Runtime.ImportModuleError``.
        error_message: The message about the error.
        numbers: The measurements. For ``FunctionError.InitResourceExhausted``: ``used_mib``, ``limit_mib``,
            ``processes`` and ``per_process_mib`` (the largest first; empty if the kernel enforced the limit). For
            ``FunctionError.InitTimeout``: ``timeout_s``, ``processes`` and ``ready``.
        stack_trace: The stack trace, line by line.
        output: The last lines that the processes wrote.
    """

    def __init__(
        self,
        state_reason_code: str,
        error_type: str,
        error_message: str,
        numbers: Mapping[str, Any] | None = None,
        stack_trace: tuple[str, ...] = (),
        output: tuple[str, ...] = (),
    ) -> None:
        super().__init__(state_reason_code, error_type, error_message, numbers, stack_trace, output)
        self.state_reason_code = state_reason_code
        self.error_type = error_type
        self.error_message = error_message
        self.numbers = dict(numbers or {})
        self.stack_trace = stack_trace
        self.output = output

    def __str__(self) -> str:
        lines = [f"{self.state_reason_code}: {self.error_type}: {self.error_message}"]
        lines += [line.rstrip("\n") for line in self.stack_trace]
        # If the runtime exited without an error report, its last lines may say why.
        if self.error_type == EXIT_ERROR and self.output:
            lines += ["last lines of output:", *(f"  {line}" for line in self.output)]
        return "\n".join(lines)
