"""What all endpoints have in common: failures become answers, and each request is told of in the log and counted."""

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from ..data.calls import Unavailable
from ..models.problem import Problem
from ..telemetry import count, logger
from .requests import Event
from .responses import Response, refuse

#: Seconds.
BUSY_RETRY = 1


@dataclass(frozen=True)
class Outcome:
    """What an endpoint answers, and what it counts."""

    response: Response
    metrics: Mapping[str, int] = field(default_factory=dict)


Handler = Callable[[Event, Any], Response]


def endpoint(operation: Callable[[Event, Any], Outcome]) -> Handler:
    """Make of an operation that may raise a handler that always answers."""

    @wraps(operation)
    @logger.inject_lambda_context(correlation_id_path="requestContext.requestId", clear_state=True)
    def handler(event: Event, context: Any) -> Response:
        start = time.perf_counter()
        outcome, log, remarks = _attempt(operation, event, context)
        log(
            "request",
            extra={
                "route": f"{event.get('httpMethod')} {event.get('resource')}",
                "status": outcome.response["statusCode"],
                "duration_ms": round((time.perf_counter() - start) * 1000, 1),
                **remarks,
            },
        )
        count(outcome.metrics)
        return outcome.response

    return handler


def _attempt(
    operation: Callable[[Event, Any], Outcome], event: Event, context: Any
) -> tuple[Outcome, Callable[..., None], dict[str, Any]]:
    """Return what comes of it, how it is logged, and what the log remarks: causes are not for clients."""
    try:
        return operation(event, context), logger.info, {}
    except Problem as problem:
        return Outcome(refuse(problem), {"Refused": 1}), logger.info, {"problem": problem.details.title}
    except Unavailable as unavailable:
        busy = Problem(503, "the service is busy, please try again", retry_after=BUSY_RETRY)
        return Outcome(refuse(busy), {"Unavailable": 1}), logger.warning, {"problem": str(unavailable)}
    except Exception:
        broken = Problem(500, "something went wrong here")
        return Outcome(refuse(broken), {"Failed": 1}), logger.error, {"exception": traceback.format_exc()}
