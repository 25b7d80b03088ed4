"""What holds the fenced blocks of the documentation to be true: each page is a story that is played."""
