"""AWS services, as the logic sees them. No other package calls one."""
