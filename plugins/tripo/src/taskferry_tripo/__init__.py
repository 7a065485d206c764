"""Tripo for taskferry."""
