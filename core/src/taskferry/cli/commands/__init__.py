"""One command a file, named after it; each file has one click command called `command`."""
