"""Each page of the gallery."""
