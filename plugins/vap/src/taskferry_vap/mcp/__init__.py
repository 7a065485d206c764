"""The tools of VAP's own MCP server, by their names, arguments and words, over taskferry's ledger.

Nine of them are in the vendor's `tools.json` 1.12.4, whose arguments and defaults are taken; a directory's listing of
the live server has the edits and `get_operation` besides. The lines of text are those of the vendor's proxy
(`vap_mcp_proxy.py`, January 2026), for music those of its package `vap-mcp` 0.2.1.
"""

from __future__ import annotations

from collections.abc import Sequence

from taskferry import Profile, ProfileTool
from taskferry_vap.mcp.creators import CREATORS
from taskferry_vap.mcp.estimating import ESTIMATING
from taskferry_vap.mcp.reading import READING
from taskferry_vap.mcp.showing import show_task

_INSTRUCTIONS = """\
Makes images, videos and music with VAP, and edits pictures and videos. generate_* and the edits start a paid job and
give its id; get_task and get_operation wait for its end for up to 25 s and give the link and the kept file. A job goes
on and is kept whether or not anybody asks: never start one again because a call timed out. The same call within three
minutes gives the job that exists."""


def profile() -> Profile:
    """Give the profile."""
    tools: Sequence[ProfileTool] = (*CREATORS, *READING, *ESTIMATING)
    return Profile(name="vap", instructions=_INSTRUCTIONS, tools=tools, show=show_task)
