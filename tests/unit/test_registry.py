"""The registry: who offers what, and how a broken plugin harms nobody but itself."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from importlib import resources
from importlib.metadata import Distribution, EntryPoint
from os import PathLike
from pathlib import Path

import pytest

from taskferry import PluginError, Registry, UnknownName, UsageError
from taskferry.catalogue import install_hint
from taskferry.registry import OFF_SWITCH, load_object

PLUGIN = """
    from taskferry import Operation, Provider, Service, Typical, hookimpl

    class Adapter:
        service = Service(base_url="https://api.{name}.example")
        operations = [
            Operation(name="{name}/" + word, title=word, description=word, kind="image",
                      parameters={{"type": "object"}}, typical=Typical(median=1, slow=2))
            for word in ("image", "upscale")
        ]

    @hookimpl
    def taskferry_providers(register):
        adapters = dict.fromkeys(("v2", "v1"), __name__ + ":Adapter")
        register(Provider(name="{name}", title="{name}", adapters=adapters))
"""

Plug = Callable[..., EntryPoint]


@pytest.fixture
def plug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Give a function that writes a plugin's module and names it as an entry point does."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name: str, source: str = PLUGIN, *, provider: str | None = None) -> EntryPoint:
        module = f"{tmp_path.name.replace('-', '_')}_{name}"
        text = source.format(name=provider or name) if source is PLUGIN else source
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(text))
        return EntryPoint(name=name, value=module, group="taskferry")

    return write


def registry(*points: EntryPoint, disabled: str = "") -> Registry:
    return Registry(entry_points=points, disabled=disabled)


def test_what_plugins_offer_is_found_by_name(plug: Plug) -> None:
    """Providers in the order of their names, operations in the order of their adapter."""
    found = registry(plug("bolt"), plug("acme"))

    assert list(found.providers) == ["acme", "bolt"]
    assert [operation.name for operation in found.operations()] == [
        "acme/image",
        "acme/upscale",
        "bolt/image",
        "bolt/upscale",
    ]
    assert found.operation("bolt/image") in found.operations("bolt")
    assert [(row.name, row.providers, row.problem) for row in found.rows] == [
        ("acme", ("acme",), None),
        ("bolt", ("bolt",), None),
    ]


HOOK = "import taskferry\n@taskferry.hookimpl\ndef taskferry_providers(register):\n    "
BROKEN = {
    "missing": ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
    "raising": ("raise ValueError('not\\ntoday')", "ValueError: not today"),
    "quitting": ("raise SystemExit(3)", "SystemExit"),
    "syntax": ("def", "SyntaxError"),
    "hook": (f"{HOOK}1 / 0", "ZeroDivisionError"),
    "typo": (f"{HOOK}...".replace("providers", "provider"), "unknown hook 'taskferry_provider'"),
    "argument": (f"{HOOK}...".replace("(register)", "(registry)"), "Argument(s) {'registry'} are declared"),
    "type": (f"{HOOK}register('acme')", "register takes a taskferry.Provider, not str"),
    "name": (
        f"{HOOK}register(taskferry.Provider(name='Acme Inc', title='x', adapters={{'v1': 'x:y'}}))",
        "a provider's name is small letters, digits and dashes, not 'Acme Inc'",
    ),
    "adapters": (f"{HOOK}register(taskferry.Provider(name='acme', title='x', adapters={{}}))", "names no adapter"),
}


@pytest.mark.parametrize(("source", "told"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_is_a_row_and_the_others_go_on(source: str, told: str, plug: Plug) -> None:
    """In one line that says why."""
    found = registry(plug("broken", source), plug("acme"))

    row = next(row for row in found.rows if row.name == "broken")
    assert told in str(row.problem)
    assert "\n" not in str(row.problem)
    assert list(found.providers) == ["acme"]


class Installed(Distribution):
    """A distribution that counts how often its metadata is read."""

    reads = 0

    def __init__(self, name: str, points: Sequence[EntryPoint]) -> None:
        self._points = "".join(f"{point.name} = {point.value}\n" for point in points)
        self._name = name

    def read_text(self, filename: str) -> str | None:
        """Give one of its files."""
        if filename == "METADATA":
            self.reads += 1
            return f"Metadata-Version: 2.1\nName: {self._name}\nVersion: 1.5\n"
        return f"[taskferry]\n{self._points}" if filename == "entry_points.txt" else None

    def locate_file(self, path: str | PathLike[str]) -> Path:
        """Give no place: it has no files."""
        raise FileNotFoundError(path)


def test_a_distributions_metadata_is_read_once_however_many_plugins_it_has(plug: Plug) -> None:
    """Reading it takes longer than anything else about a plugin that is not imported."""
    broken = EntryPoint("nowhere", "no_such_module", "taskferry")
    several = Installed("several", [plug("acme", PLUGIN), plug("other", PLUGIN), broken])

    rows = Registry(entry_points=several.entry_points, disabled="other").rows

    assert [(row.name, row.distribution, row.version) for row in rows] == [
        (name, "several", "1.5") for name in ("acme", "nowhere", "other")
    ]
    assert [row.problem is None for row in rows] == [True, False, False]
    assert several.reads == 1


def test_asking_for_a_broken_plugin_says_what_is_wrong_with_it(plug: Plug) -> None:
    """Rather than that there is none."""
    found = registry(plug("broken", "raise ValueError('not today')"))

    with pytest.raises(PluginError, match=r"The plugin 'broken' .* cannot be used: ValueError: not today"):
        found.provider("broken")


def test_a_name_that_two_plugins_claim_belongs_to_neither(plug: Plug) -> None:
    """Both are named, in the error and in `doctor`, with what to do."""
    found = registry(plug("acme"), plug("other", provider="acme"), plug("bolt"))

    with pytest.raises(PluginError) as caught:
        found.operation("acme/image")

    told = str(caught.value)
    assert "_acme and " in told
    assert "_other both offer a provider 'acme': uninstall one, or switch it off with" in told
    assert [row.problem for row in found.rows if row.problem] == [told]
    assert list(found.providers) == ["bolt"]


@pytest.mark.parametrize(
    ("switch", "left"), [("acme", ["bolt"]), (" acme , bolt", []), ("*", []), ("cme", ["acme", "bolt"])]
)
def test_the_off_switch_leaves_plugins_out_without_importing_them(
    switch: str, left: list[str], plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the name of the entry point; `doctor` says so."""
    monkeypatch.setenv(OFF_SWITCH, switch)

    found = Registry(entry_points=[plug("acme"), plug("bolt")])

    assert list(found.providers) == left
    off = [row.name for row in found.rows if row.problem == f"Switched off by {OFF_SWITCH}."]
    assert off == [name for name in ("acme", "bolt") if name not in left]


def test_the_first_generation_is_the_default_and_another_can_be_chosen(plug: Plug) -> None:
    """An adapter is built once for each."""
    found = registry(plug("acme"))

    assert found.adapter("acme") is found.adapter("acme", "v2")
    assert found.adapter("acme", "v1") is not found.adapter("acme", "v2")
    with pytest.raises(UsageError, match="acme has no API generation 'v9'; there are: v2, v1"):
        found.adapter("acme", "v9")


ADAPTERS = {
    "module": ("nowhere_at_all:Adapter", "nowhere_at_all:Adapter cannot be imported: ModuleNotFoundError"),
    "name": ("json:Adapter", "json:Adapter cannot be imported: AttributeError"),
    "form": ("json", "an import path is written as package.module:name"),
    "building": ("pathlib:PurePath.exists", "cannot be"),
    "no adapter": ("builtins:dict", "cannot be built"),
}


@pytest.mark.parametrize(("path", "told"), ADAPTERS.values(), ids=ADAPTERS)
def test_an_adapter_that_cannot_be_built_is_the_plugins_error(path: str, told: str, plug: Plug) -> None:
    """The provider's name is known, so the error can name it; others go on."""
    source = f"{HOOK}register(taskferry.Provider(name='broken', title='x', adapters={{'v1': {path!r}}}))"
    found = registry(plug("broken", source), plug("acme"))

    with pytest.raises(PluginError, match=told):
        found.adapter("broken")

    names = {operation.provider for operation in (*found.operations(), *found.operations())}
    assert names == {"acme"}
    assert [row.name for row in found.rows if row.problem] == ["broken"]


def test_operations_have_to_carry_their_providers_name(plug: Plug) -> None:
    """Otherwise one plugin could take another's place."""
    source = PLUGIN.format(name="acme").replace('Provider(name="acme"', 'Provider(name="bolt"')
    found = registry(plug("bolt", source))

    with pytest.raises(PluginError, match="The adapter of bolt offers 'acme/image', which is not named bolt/"):
        found.adapter("bolt")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("acmee/image", "There is no provider 'acmee'. Did you mean acme? Installed: acme."),
        (
            "acme/imagee",
            "'acme/imagee'. Did you mean acme/image or acme/upscale? acme offers: acme/image, acme/upscale.",
        ),
        ("image", "There is no operation 'image'. Did you mean acme/image?"),
        ("acme/", "An operation is written as provider/operation; `taskferry operations` lists them."),
    ],
)
def test_an_unknown_name_tells_the_nearest_and_all(name: str, told: str, plug: Plug) -> None:
    """It is a usage error: nothing was sent."""
    with pytest.raises(UnknownName) as caught:
        registry(plug("acme")).operation(name)

    assert told in str(caught.value)


def test_a_provider_that_the_catalogue_knows_comes_with_its_package() -> None:
    """The list is data of a distribution of its own; core knows none of the names."""
    import tomllib

    known = tomllib.loads(resources.files("taskferry_catalogue").joinpath("known.toml").read_text())["providers"]

    for provider, package in known.items():
        with pytest.raises(UnknownName, match=f"Install it with `pip install {package}`"):
            registry().provider(provider)


def test_a_provider_that_nobody_knows_has_no_hint() -> None:
    """Then the error lists what is installed."""
    assert install_hint("nobody-at-all") is None
    with pytest.raises(UnknownName, match="Installed: none"):
        registry().provider("nobody-at-all")


def test_load_object_gives_what_a_path_names() -> None:
    """Written as `package.module:name`."""
    assert load_object("importlib.metadata:EntryPoint") is EntryPoint


def test_a_plugin_of_a_newer_contract_says_to_upgrade(plug: Plug) -> None:
    """It is a row in `doctor`, and its neighbours go on."""
    newer = PLUGIN.replace("adapters=adapters)", "adapters=adapters, contract=2)").format(name="acme")

    found = registry(plug("acme", newer), plug("bolt"))

    assert list(found.providers) == ["bolt"]
    assert "version 2 of the adapter contract" in str(found.rows[0].problem)
    assert "upgrade taskferry" in str(found.rows[0].problem)
