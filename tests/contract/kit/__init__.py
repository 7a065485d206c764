"""Adapters that the contract kit is tested by: a sound one, and those that break one rule each."""
