"""What AWS says when Managed Instances fail: its codes and messages, what each means, and what mends it."""
