"""Servers, clients and samples behind the benchmarks of a look's cost, memory and lateness."""
