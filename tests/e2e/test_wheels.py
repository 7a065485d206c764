"""The wheels, as a stranger gets them: built, installed into an empty environment, and used from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from sources import PROVIDERS, ROOT
from taskferry_providers.plugin import CARDS

CONTRIB = ("catalogue", "blender", "providers", "template")
PLACES = ["core", *(f"plugins/{name}" for name in PROVIDERS), *(f"contrib/{name}" for name in CONTRIB)]
EVERY_PROVIDER = sorted([*PROVIDERS, *CARDS])
FEW = 20
"""Distributions, taskferry among them, that a plain install may bring."""


def clean_environ(home: Path) -> dict[str, str]:
    """Give the environment without anything that could lead to this checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TASKFERRY_"))}
    return {**kept, "TASKFERRY_HOME": str(home)}


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a program to its end; give what it prints."""
    environ = clean_environ(cwd / "home")
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@frozen
class House:
    """An environment with nothing in it but what a test puts there."""

    python: Path
    elsewhere: Path
    wheels: dict[str, Path]

    def pip(self, *arguments: str | Path) -> None:
        """Install or uninstall, by the pins; pip itself stays outside."""
        run(sys.executable, "-m", "pip", "--python", self.python, "--quiet", *arguments, cwd=self.elsewhere)

    def install(self, *wheels: str) -> None:
        """Install wheels; an extra is written as for pip."""
        named = [f"{self.wheels[wheel.partition('[')[0]]}{''.join(wheel.partition('[')[1:])}" for wheel in wheels]
        self.pip("install", "--no-compile", "-c", ROOT / "constraints.txt", *named)

    def taskferry(self, *arguments: str) -> str:
        """Run the installed command from a folder that is not the checkout."""
        return run(self.python.parent / "taskferry", *arguments, cwd=self.elsewhere)

    def document(self, *arguments: str) -> Any:
        """Run a command and read its JSON."""
        return json.loads(self.taskferry(*arguments, "--json"))

    def distributions(self) -> set[str]:
        """Name everything that is installed."""
        code = "import importlib.metadata as m; print(*{d.metadata['Name'] for d in m.distributions()}, sep='\\n')"
        return set(run(self.python, "-c", code, cwd=self.elsewhere).split())


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build every distribution; give the wheels by name."""
    folder = tmp_path_factory.mktemp("wheels")
    for place in PLACES:
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT / place)
    return {path.name.partition("-")[0].replace("_", "-"): path for path in folder.glob("*.whl")}


@pytest.fixture(scope="module")
def house(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> House:
    """Make an empty environment with the core wheel in it."""
    folder = tmp_path_factory.mktemp("house")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    made = House(folder / "venv/bin/python", elsewhere, wheels)
    made.install("taskferry")
    return made


@pytest.fixture(scope="module")
def furnished(house: House) -> House:
    """Add the plugins, the catalogue and the extra for stand-ins."""
    house.install("taskferry[sandbox]", *(name for name in house.wheels if name != "taskferry"))
    return house


def test_each_distribution_is_one_wheel(wheels: dict[str, Path]) -> None:
    """The workspace itself is none."""
    assert set(wheels) == {"taskferry", *(f"taskferry-{name}" for name in (*PROVIDERS, *CONTRIB))}


def test_a_wheel_holds_its_typed_package_and_nothing_beside_it(wheels: dict[str, Path]) -> None:
    """No tests, no notes, no compiled files."""
    for name, path in wheels.items():
        package = name.replace("-", "_")
        names = zipfile.ZipFile(path).namelist()
        inside = [entry for entry in names if entry.startswith(f"{package}/")]
        written = [entry for entry in inside if not entry.endswith(".jinja")]  # what a template makes is its user's

        assert f"{package}/py.typed" in names
        assert not [entry for entry in names if entry not in inside and ".dist-info/" not in entry]
        assert not [entry for entry in written if entry.endswith((".pyc", ".md")) or "/tests/" in entry]


def test_a_plain_install_brings_few_distributions(house: House) -> None:
    """Counted before any plugin or extra is added."""
    installed = house.distributions()

    assert "taskferry" in installed
    assert len(installed) <= FEW, sorted(installed)


def test_a_plain_install_answers_without_any_plugin(house: House) -> None:
    """It says what it is, and that there is nobody to ask yet."""
    version = house.taskferry("--version")
    providers = house.document("providers")

    assert version == f"taskferry {house.wheels['taskferry'].name.split('-')[1]}\n"
    assert providers == {"providers": []}


def test_installed_plugins_are_found(furnished: House) -> None:
    """Through their entry points, from any folder."""
    providers = furnished.document("providers")["providers"]

    assert [(provider["name"], provider["problem"]) for provider in providers] == [
        (name, None) for name in EVERY_PROVIDER
    ]


def test_every_operation_comes_with_its_schema(furnished: House) -> None:
    """Operations of every provider, each described."""
    operations = furnished.document("operations")["operations"]

    assert {operation["name"].partition("/")[0] for operation in operations} == set(EVERY_PROVIDER)
    assert all(operation["title"] and operation["description"] for operation in operations)
    assert all(operation["parameters"]["type"] == "object" for operation in operations)


@pytest.mark.timeout(30)
def test_the_stand_ins_serve_from_the_wheels(furnished: House) -> None:
    """One line says where, as soon as they listen, also to a program that reads it through a pipe."""
    serving = subprocess.Popen(
        [furnished.python.parent / "taskferry", "sandbox", "--port", "0", "--json"],
        cwd=furnished.elsewhere,
        env=clean_environ(furnished.elsewhere / "home"),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stdout is not None
        addresses = json.loads(serving.stdout.readline())
        serving.terminate()
        code = serving.wait(10)
    finally:
        serving.kill()
        serving.communicate()

    assert set(addresses) == set(EVERY_PROVIDER)
    assert all(one["base_url"].startswith("http://127.0.0.1:") for one in addresses.values())
    assert code == 0


def test_what_is_imported_is_what_was_installed(furnished: House) -> None:
    """Nothing is taken from the checkout."""
    code = "import taskferry, importlib; print(taskferry.__file__)"

    place = run(furnished.python, "-c", code, cwd=furnished.elsewhere)

    assert Path(place).is_relative_to(furnished.python.parents[1])


@pytest.mark.slow
@pytest.mark.parametrize("removed", PROVIDERS)
def test_without_one_plugin_the_others_work_and_the_catalogue_says_what_to_install(
    furnished: House, removed: str
) -> None:
    """A plugin is nobody's dependency."""
    furnished.pip("uninstall", "--yes", f"taskferry-{removed}")
    try:
        providers = furnished.document("providers")["providers"]
        told = subprocess.run(
            [furnished.python.parent / "taskferry", "operations", removed],
            cwd=furnished.elsewhere,
            env=clean_environ(furnished.elsewhere / "home"),
            capture_output=True,
            text=True,
        )
    finally:
        furnished.pip("install", "--no-deps", "--no-compile", furnished.wheels[f"taskferry-{removed}"])

    assert [provider["name"] for provider in providers] == [name for name in EVERY_PROVIDER if name != removed]
    assert told.returncode == 2
    assert f"pip install taskferry-{removed}" in told.stderr
