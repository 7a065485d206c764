"""Proves a card against the replies that its provider's documentation shows."""
