"""What came into Blender."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from taskferry import Artifact, clean


@frozen(kw_only=True)
class ImportedObject:
    """One object of the scene."""

    name: str
    dimensions: tuple[float, float, float] | None
    """Along x, y and z in Blender's units (metres unless the scene says otherwise); None if Blender did not tell."""

    @classmethod
    def read(cls, value: object) -> ImportedObject:
        """Read what Blender's side says of one object."""
        told = value if isinstance(value, Mapping) else {}
        sizes = told.get("dimensions")
        numbers = [sizes.get(axis) for axis in "xyz"] if isinstance(sizes, Mapping) else []
        finite = [float(number) for number in numbers if isinstance(number, int | float) and math.isfinite(number)]
        return cls(
            name=clean(told.get("name", "object"), 100),
            dimensions=(finite[0], finite[1], finite[2]) if len(finite) == 3 else None,
        )

    def document(self) -> dict[str, Any]:
        """Give it as the add-on itself words it."""
        sizes = None if self.dimensions is None else dict(zip("xyz", self.dimensions, strict=True))
        return {"name": self.name, "dimensions": sizes}


@frozen(kw_only=True)
class Imported:
    """A model that an open Blender has imported."""

    artifact: Artifact
    objects: tuple[ImportedObject, ...]

    def document(self) -> dict[str, Any]:
        """Give the fields that the add-on's own answer has."""
        return {
            "status": "success",
            "message": "Model imported successfully",
            "models": [one.document() for one in self.objects],
        }


@frozen(kw_only=True)
class Scene:
    """A scene file that was made of a model."""

    artifact: Artifact
    objects: tuple[ImportedObject, ...]
    path: Path
    preview: Path | None
    blender: str
    """Version of the library that wrote it."""
