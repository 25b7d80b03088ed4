"""What all endpoints have in common: failures become answers, and each request becomes a line in the log."""

import json
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timezone
from functools import wraps
from typing import Any

from events import Event
from responses import Problem, Response
from store import Unavailable

Handler = Callable[[Event, Any], Response]


def endpoint(handler: Handler) -> Handler:
    """Make a handler that may raise into one that always answers, and logs that it did."""

    @wraps(handler)
    def answer(event: Event, context: Any) -> Response:
        start = time.perf_counter()
        response, remarks = _attempt(handler, event, context)
        line = {
            "timestamp": datetime.now(timezone.utc).isoformat(),
            "requestId": context.aws_request_id,
            "route": f"{event['httpMethod']} {event['resource']}",
            "status": response["statusCode"],
            "duration_ms": round((time.perf_counter() - start) * 1000, 1),
            **remarks,
        }
        print(json.dumps(line), flush=True)  # Lambda keeps JSON as it is, and filters it by timestamp and level
        return response

    return answer


def _attempt(handler: Handler, event: Event, context: Any) -> tuple[Response, dict[str, str]]:
    """Return the answer, and what is to be remarked in the log: causes are not for the client."""
    try:
        return handler(event, context), {"level": "INFO"}
    except Problem as problem:
        return problem.response, {"level": "INFO", "problem": problem.title}
    except Unavailable as unavailable:
        response = Problem(503, "the service is busy, please try again").response
        response["headers"]["Retry-After"] = "1"
        return response, {"level": "WARN", "problem": str(unavailable)}
    except Exception:
        return Problem(500, "something went wrong here").response, {"level": "ERROR", "problem": traceback.format_exc()}
