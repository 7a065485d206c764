"""What can go wrong with Blender; the job and its files are fine whatever happens here."""

from __future__ import annotations

from taskferry import TaskferryError


class BlenderError(TaskferryError):
    """A model could not be brought into Blender."""


class BlenderUnreachable(BlenderError):
    """Nobody listens where the add-on should be, or Blender's library is not installed; nothing was imported."""


class BlenderTimeout(BlenderError):
    """Blender gave no whole answer in time; an open one may still be importing."""


class BlenderReplyMalformed(BlenderError):
    """What answered is not the add-on, or its answer broke off; look into Blender before importing again."""


class ImportFailed(BlenderError):
    """Blender says that it could not import the model."""
