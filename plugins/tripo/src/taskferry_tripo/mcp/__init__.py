"""The Tripo tools of Tripo's own MCP server, by their names, arguments and fields, over taskferry's ledger.

Read from the vendor's `tripo-mcp` (`src/server.py`, 2025): its four tools that have to do with Tripo. Its tools that
drive Blender by hand or fetch from Poly Haven are not here.
"""

from __future__ import annotations

from collections.abc import Sequence

from taskferry import Profile, ProfileTool
from taskferry_tripo.mcp.creating import CREATING
from taskferry_tripo.mcp.importing import IMPORTING
from taskferry_tripo.mcp.status import READING, show

_INSTRUCTIONS = """\
Makes 3D models with Tripo, from words or from a picture. create_3d_model_from_text and create_3d_model_from_image start
a paid job and give its task_id; get_task_status waits for its end for up to 25 s and gives links and the kept file;
import_tripo_glb_model brings a model into an open Blender. A job goes on and its file is kept whether or not anybody
asks: never start one again because a call timed out. The same call within three minutes gives the job that exists."""


def profile() -> Profile:
    """Give the profile."""
    tools: Sequence[ProfileTool] = (*CREATING, *READING, *IMPORTING)
    return Profile(name="tripo", instructions=_INSTRUCTIONS, tools=tools, show=show)
