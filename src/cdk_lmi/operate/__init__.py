"""Tools to operate functions: metrics, alarms, a dashboard, schedules, rollouts."""
