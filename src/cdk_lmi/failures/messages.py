"""What AWS, and tools for it, answer when they refuse a request about Managed Instances, and what callers are answered.

The texts are as users and tools report them, with the numbers in their reports.
"""

from __future__ import annotations

from .capacity_providers import CAPACITY_PROVIDER_MESSAGES
from .concurrency import CONCURRENCY_MESSAGES
from .deployments import DEPLOYMENT_MESSAGES
from .invocations import INVOCATION_MESSAGES
from .permissions import PERMISSION_MESSAGES
from .publishing import PUBLISHING_MESSAGES
from .tools import TOOL_MESSAGES

#: One failure for each message, in the order of docs/troubleshooting.md.
MESSAGES = (
    *TOOL_MESSAGES,
    *DEPLOYMENT_MESSAGES,
    *PUBLISHING_MESSAGES,
    *CAPACITY_PROVIDER_MESSAGES,
    *PERMISSION_MESSAGES,
    *INVOCATION_MESSAGES,
    *CONCURRENCY_MESSAGES,
)
