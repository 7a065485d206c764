"""The same jobs, waited for by other people's packages and by ours, each in its own way."""
