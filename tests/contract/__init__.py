"""What every adapter has to keep, and what becomes of those that do not."""
