"""Calls of AWS's API that EventBridge Scheduler makes: what a schedule has as its target, and what it hands over.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html (read 2026-11-28)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .intrinsics import Template

SCHEDULE = "AWS::Scheduler::Schedule"
#: Where a schedule names its target, and the text that it hands to it: of an action, its parameters.
TARGET, INPUT = "Target.Arn", "Target.Input"
#: Actions begin with a small letter in AWS's list of services, with a capital in some examples.
PUT_FUNCTION_SCALING_CONFIG = "putfunctionscalingconfig"
INVOKE = ("invoke", "invokeasync")
_ACTION_OF_LAMBDA = re.compile(r":aws-sdk:lambda:(\w+)$")


def action_of_lambda(template: Template, id: str) -> str | None:
    """Give the action of Lambda that a schedule calls, in small letters; ``None`` where its target is none."""
    written = template.raw(id, f"Properties.{TARGET}")
    found = _ACTION_OF_LAMBDA.search(template.text(written).lower()) if template.is_decided(written) else None
    return found[1] if found else None


def parameters(template: Template, id: str) -> Mapping[str, Any] | None:
    """Give what a schedule hands over, with references as text; ``None`` where that is not known."""
    written = template.raw(id, f"Properties.{INPUT}")
    try:
        read = json.loads(template.text(written)) if template.is_decided(written) else None
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, Mapping) else None
