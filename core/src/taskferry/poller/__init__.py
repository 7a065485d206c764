"""Drives every task of a process: submits, looks, keeps; one schedule for all of them."""
