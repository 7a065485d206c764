"""The floors of the house: who may import whom, and which outside library lives in which room."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

import taskferry
from sources import CORE, PROVIDERS, imports, name_of, outside_core, package_of, python_files

FLOORS = {
    # 0 model: what a task is; pure, standard library and attrs
    **dict.fromkeys(["clock", "cost", "errors", "machine", "media", "operation", "status", "task", "text", "token"], 0),
    **dict.fromkeys(["vendor"], 0),
    # 1 contract: what a provider plugin implements and is handed
    **dict.fromkeys(["adapter", "call", "failures", "parameters", "reply"], 1),
    # 2 wire: how calls are sent
    **dict.fromkeys(["configuration", "credentials", "exchange", "hosts", "settings", "signing", "transport"], 2),
    # 3 plugins: who offers which operations
    **dict.fromkeys(["cards", "catalogue", "hookspecs", "registry"], 3),
    # 4 engine: when to look, what happened, what was kept, what it cost
    **dict.fromkeys(
        [
            "accounts",
            "artifacts",
            "engine",
            "key_check",
            "ledger",
            "poller",
            "routing",
            "spend",
            "telemetry",
            "webhooks",
        ],
        4,
    ),
    # 5 facade: what an embedder imports, and what front doors show
    **dict.fromkeys(["document", "ferry", "handle", "intake", "sync", "tools"], 5),
    # 6 front doors: how people and agents ask
    **dict.fromkeys(["__main__", "cli", "mcp", "web", "worker"], 6),
}
"""Each room of core, by the floor it lives on."""

BESIDE = {"sandbox": 3, "testing": 5}
"""The rooms beside the house, by the highest floor that they may know; a stand-in may be made from a card."""

LIBRARIES = {
    "cards": "jmespath jsonschema_rs",
    "cli": "PIL click copier pluggy rich",
    "configuration": "tomlkit",
    "credentials": "keyring",
    "hookspecs": "pluggy click",
    "mcp": "mcp mcp_types pydantic starlette uvicorn httpx2 jwt",
    "parameters": "jsonschema_rs",
    "poller": "msgspec",
    "registry": "pluggy",
    "reply": "msgspec",
    "sandbox": "PIL av numpy starlette trimesh uvicorn",
    "settings": "platformdirs",
    "telemetry": "opentelemetry",
    "testing": "httpx jsonschema_rs pytest respx",
    "transport": "httpcore httpx pyreqwest",
    "web": "jinja2 markupsafe starlette uvicorn",
    "worker": "prometheus_client starlette uvicorn",
}
"""What else than the standard library and attrs a room may use, so that nobody pays for what they do not use."""

OPEN_TO_ALL = ("taskferry.sandbox", "taskferry.testing", "taskferry.tools", "taskferry.ledger.backend")
"""Rooms whose names are public although they are too many, or too special, for the package itself."""

NO_INPUT_OUTPUT = {"aiohttp", "asyncio", "http", "httpx", "requests", "socket", "subprocess", "threading", "time"}
"""What an adapter has no use for, since it sends nothing and has no clock."""

ROOMS = {path.stem if path.is_file() else path.name for path in CORE.iterdir() if path.suffix == ".py" or path.is_dir()}
ROOMS -= {"__init__", "__pycache__"}


def room_of(path: Path) -> str:
    return path.relative_to(CORE).parts[0].removesuffix(".py")


def rooms_known_to(path: Path) -> set[tuple[int, str]]:
    """Give every room of core that a file imports from, with the line; public names count as the room they live in."""
    known = set()
    for line, module, name in imports(path):
        parts = module.split(".")
        if parts[0] != "taskferry" or (len(parts) == 1 and name in (None, "__version__")):
            continue
        known.add((line, parts[1] if len(parts) > 1 else taskferry._HOMES.get(str(name), str(name))))
    return known


def test_every_room_has_a_floor() -> None:
    """A new room is given its place here before anything else."""
    assert ROOMS - FLOORS.keys() - BESIDE.keys() == set()


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_imports_only_from_its_own_floor_or_below(room: str) -> None:
    """Also where the import is inside a function or for types only."""
    highest = FLOORS.get(room, BESIDE.get(room, -1))

    upward = [
        f"{name_of(path)}:{line} imports {other}"
        for path in python_files("core/src/taskferry")
        if room_of(path) == room
        for line, other in sorted(rooms_known_to(path))
        if other != room and FLOORS.get(other, 99) > highest and not may_know_beside(room, other)
    ]

    assert upward == []


def may_know_beside(room: str, other: str) -> bool:
    """Tell whether a room may use one that is beside the house: a front door any, one of them those that know less."""
    return other in BESIDE and (FLOORS.get(room) == 6 or BESIDE[other] < BESIDE.get(room, -1))


def test_a_library_is_used_only_in_its_room() -> None:
    """Above all httpx: whatever is sent leaves through one room."""
    at_home = {*sys.stdlib_module_names, "taskferry", "attrs"}

    strange = [
        f"{name_of(path)}:{line} imports {module}"
        for path in python_files("core/src/taskferry")
        for line, module, _ in imports(path)
        if module.partition(".")[0] not in at_home.union(LIBRARIES.get(room_of(path), "").split())
    ]

    assert strange == []


def test_plugins_and_contrib_use_public_names_alone() -> None:
    """A bundled plugin has no more rights than anybody's."""
    private = [
        f"{name_of(path)}:{line} imports {module} {name or ''}"
        for path in outside_core()
        for line, module, name in imports(path)
        if module.partition(".")[0] == "taskferry" and not is_public(module, name)
    ]

    assert private == []


def is_public(module: str, name: str | None) -> bool:
    if module == "taskferry":
        return name is None or name in taskferry.__all__
    open_to_all = module.startswith(OPEN_TO_ALL) and "._" not in module
    names = getattr(importlib.import_module(module), "__all__", None) if open_to_all else []
    return open_to_all and (name is None or (name in names if names else not name.startswith("_")))


def test_no_distribution_reaches_for_the_private_names_of_another() -> None:
    """An underscore is a promise to nobody."""
    private = [
        f"{name_of(path)}:{line} imports {module} {name or ''}"
        for path in python_files("core/src") + outside_core()
        for line, module, name in imports(path)
        if module.partition(".")[0] not in package_of(path).split(".")
        and any(part.startswith("_") and not part.startswith("__") for part in [*module.split("."), name or ""])
    ]

    assert private == []


def test_an_adapter_has_no_means_of_input_or_output() -> None:
    """It yields calls; the wire sends them. Only its stand-in is a server."""
    adapters = [path for path in outside_core() if "plugins" in path.parts and "sandbox" not in path.parts]

    means = [
        f"{name_of(path)}:{line} imports {module}"
        for path in adapters
        for line, module, _ in imports(path)
        if module.partition(".")[0] in NO_INPUT_OUTPUT or module == "urllib.request"
    ]

    assert adapters
    assert means == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_core_never_names_a_provider(provider: str) -> None:
    """Not in code, comments or data: what core knows of a provider, every provider has to be able to say."""
    files = [path for path in CORE.rglob("*") if path.is_file() and path.suffix != ".pyc"]

    naming = [name_of(path) for path in files if provider in path.read_text("utf-8", "replace").lower()]

    assert PROVIDERS
    assert naming == []
