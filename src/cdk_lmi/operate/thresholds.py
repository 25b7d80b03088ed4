"""The default thresholds of alarms, in per cent, and their reasons."""

from __future__ import annotations

from ..rules.facts import ALARM_PERIODS
from ..rules.limits import CPU_UTILIZATION_ALARM, MEMORY_UTILIZATION_ALARM, THROTTLED_SHARE_ALARM

#: For throttled or failed invocations: callers can retry rarer ones.
RARE = int(THROTTLED_SHARE_ALARM)
#: For CPU: above it, there is little room for a burst.
BUSY = int(CPU_UTILIZATION_ALARM)
#: For memory and concurrency: above it, the next invocation may exceed the limit.
NEARLY_FULL = int(MEMORY_UTILIZATION_ALARM)
#: For the share of the timeout and of the vCPU cap: below it, there is time to raise them.
NEARLY_OUT = 80
#: The number of consecutive five-minute periods: one may be a burst, which the reserved capacity absorbs.
PERIODS = ALARM_PERIODS
