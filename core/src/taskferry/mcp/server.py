"""Builds the MCP server: tools, tasks, and what they share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from mcp.server.auth.provider import TokenVerifier
from mcp.server.auth.settings import AuthSettings
from mcp.server.extension import Extension

from taskferry.errors import PluginError, UnknownName
from taskferry.ferry import Ferry
from taskferry.mcp import prompts, resources
from taskferry.mcp.app import extension as viewer
from taskferry.mcp.confirming import Confirming
from taskferry.mcp.profile import Profile
from taskferry.mcp.profile_tools import Made, made
from taskferry.mcp.state import State
from taskferry.mcp.state_key import state_security
from taskferry.mcp.tasks import LedgerSource, Source, TasksExtension
from taskferry.mcp.tools import PAYERS, TOOLS
from taskferry.registry import load_object
from taskferry.tools.roots import Roots

NATIVE = "native"
_INSTRUCTIONS = """\
Taskferry submits paid, long-running generation jobs (images, video, music, 3D) to these providers: {providers}.
1. list_operations shows what there is, describe_operation the parameters of one, quote its price.
2. generate makes one thing and costs money; set max_cost, and an idempotency_key if you may have to repeat it.
   For several at once call submit_task for each.
3. wait_task returns when a job ends, or within its timeout while the job goes on; call it again then.
4. The results are files on this machine; the result links them.
Jobs outlive this server and this conversation: list_tasks finds them again. Never submit a job again only because a
call timed out or a reply was lost."""


def build_server(
    ferry: Ferry,
    *,
    working: Path | None = None,
    roots: Sequence[Path] = (),
    profile: str | Profile = NATIVE,
    confirming: Confirming | None = None,
    source: Source | None = None,
    auth: AuthSettings | None = None,
    verifier: TokenVerifier | None = None,
) -> resources.ResourceServer:
    """Make the server of a ferry that is not open yet; serving opens it.

    Tools may read and write files below `roots`, relative paths starting in the first; by default below `working`, the
    process's own folder unless given. `profile` is `native`, the name of a provider that has one, or a profile itself.
    `source` begins the protocol's tasks in the place of the tools that pay. `auth` and `verifier` ask for tokens.
    """
    offered = _offered(ferry, profile)
    tools = Made(tools=TOOLS, payers=PAYERS) if offered is None else made(offered)
    first, *more = roots or [working or Path.cwd()]
    places = Roots(working=first.absolute(), home=ferry.home, more=tuple(folder.absolute() for folder in more))

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[State]:
        async with ferry:
            yield State(ferry=ferry, roots=places)

    providers = ", ".join(ferry.registry.providers) or "none installed"
    server = resources.ResourceServer(
        "taskferry",
        title="Taskferry",
        version=version("taskferry"),
        instructions=_INSTRUCTIONS.format(providers=providers) if offered is None else offered.instructions,
        tools=list(tools.tools),
        extensions=_extensions(tools, confirming or Confirming(), source),
        lifespan=lifespan,
        request_state_security=state_security(ferry.home),
        auth=auth,
        token_verifier=verifier,
        log_level="WARNING",  # below it, the HTTP client logs URLs, and some providers take the key in the URL
    )
    resources.register(server, ferry)
    prompts.register(server)
    return server


def _extensions(tools: Made, confirming: Confirming, source: Source | None) -> list[Extension]:
    if source is None and not tools.payers:
        return [viewer()]
    return [TasksExtension(source or LedgerSource(tools.payers, confirming)), viewer()]


def _offered(ferry: Ferry, profile: str | Profile) -> Profile | None:
    """Find a profile; None for the native tools. Raise UnknownName or PluginError."""
    if isinstance(profile, Profile):
        return profile
    if profile == NATIVE:
        return None
    named = {name: record.profile for name, record in ferry.registry.providers.items() if record.profile}
    place = named.get(profile)
    if place is None:
        raise UnknownName("profile", profile, [NATIVE, *named], f"There are: {', '.join([NATIVE, *named])}.")
    return _loaded(profile, place)


def _loaded(name: str, place: str) -> Profile:
    found = load_object(place)
    offered = found() if callable(found) else found
    if not isinstance(offered, Profile):
        raise PluginError(f"The profile {name} ({place}) is {type(offered).__name__}, not a Profile.")
    return offered
