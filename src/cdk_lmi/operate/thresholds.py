"""When alarms go off by default, in per cent, and why."""

from __future__ import annotations

from ..rules.facts import ALARM_PERIODS
from ..rules.limits import CPU_UTILIZATION_ALARM, MEMORY_UTILIZATION_ALARM, THROTTLED_SHARE_ALARM

#: Of calls that are throttled, or that fail: what is rarer is for the caller to try again.
RARE = int(THROTTLED_SHARE_ALARM)
#: Of CPU: above it, a burst finds little room.
BUSY = int(CPU_UTILIZATION_ALARM)
#: Of memory and of concurrency: above it, the next invocation may be one too many.
NEARLY_FULL = int(MEMORY_UTILIZATION_ALARM)
#: Of the timeout and of the vCPUs that there may be: below it, there is time to raise them.
NEARLY_OUT = 80
#: How many times in a row, each of five minutes: one may be a burst, which the capacity in reserve takes.
PERIODS = ALARM_PERIODS
