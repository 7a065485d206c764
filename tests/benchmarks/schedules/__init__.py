"""A simulator of waiting: the shipped `next_look` and its peers' schedules on the same task lives."""
