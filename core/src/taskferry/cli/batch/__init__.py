"""Many jobs from one file: every row is checked before the first is sent, and each is sent once, however often run."""
