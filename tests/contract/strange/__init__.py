"""Small adapters of strange providers, to hold the contract against."""
