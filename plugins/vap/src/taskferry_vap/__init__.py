"""VAP for taskferry."""
