"""What the operations come to, whoever asks for them."""
