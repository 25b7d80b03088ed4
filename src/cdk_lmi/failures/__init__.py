"""What AWS says when Managed Instances fail: its codes and messages, what each means, and how to fix it."""
