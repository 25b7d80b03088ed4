"""What an inspection found, for people, for programs, for code scanning and for GitHub's annotations."""
