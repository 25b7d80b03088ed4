"""What the service speaks of: orders, and what is wrong with requests."""
