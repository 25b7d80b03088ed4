"""How much memory a handler takes, measured on this machine, and the smallest execution environment that holds it."""
