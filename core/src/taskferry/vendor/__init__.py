"""Code of others that pages in a browser run; `README` says what it is and under which licences."""

from __future__ import annotations

from importlib.resources import files

MODEL_VIEWER = "model-viewer.min.js.gz"


def model_viewer() -> bytes:
    """Give the library that draws 3D models, a JavaScript module, compressed with gzip."""
    return files(__package__).joinpath(MODEL_VIEWER).read_bytes()
