"""What Lambda calls: one module for each function, which imports no more than that function needs."""
