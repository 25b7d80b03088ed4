"""Measures the memory of a handler on this machine, and finds the smallest execution environment that fits it."""
