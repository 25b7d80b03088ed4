"""What it takes to run a function at night: metrics, alarms, a dashboard, schedules, rollouts."""
