"""Processes that end, stop or find no room at every place where it could hurt, and what became of their jobs."""
