"""Cards in the registry: of installed distributions, with their regions, and of files that are not installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from taskferry import Cancels, Card, PluginError, Registry, UnknownName, UsageError, card_provider, read_card
from taskferry.accounts import generation_for
from taskferry.cards.trusted import trust

CARDS = Path(__file__).parent.parent / "cards"
SMALL = (CARDS / "small.toml").read_text("utf-8")
ACME = (CARDS / "acme.toml").read_text("utf-8")

Plug = Callable[..., EntryPoint]


def small(old: str = "", new: str = "", name: str = "fable") -> Card:
    """Give the small card, changed."""
    assert old in SMALL
    return read_card(SMALL.replace(old, new, 1).replace("fable", name).replace("FABLE", name.upper()), f"{name}.toml")


@pytest.fixture
def plug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Give a function that writes a package with a card, and names its plugin as an entry point does."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(card: str, arguments: str) -> EntryPoint:
        package = f"{tmp_path.name.replace('-', '_')}_cards"
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(
            "import taskferry\n"
            "@taskferry.hookimpl\n"
            "def taskferry_providers(register):\n"
            f"    register(taskferry.card_provider(__name__, {arguments}))\n"
        )
        (tmp_path / package / "acme.toml").write_text(card)
        return EntryPoint(name="acme", value=package, group="taskferry")

    return write


def test_a_card_is_registered_in_one_line_without_being_read() -> None:
    """Adapter, stand-in and demo jobs are named by the place of the card."""
    provider = card_provider("taskferry_acme", "acme", title="Acme", regions=["global", "eu"])

    assert provider.adapters == {"global": "taskferry_acme:acme.toml#global", "eu": "taskferry_acme:acme.toml#eu"}
    assert (provider.stand_in, provider.demo) == ("taskferry_acme:acme.toml", "taskferry_acme:acme.toml")
    assert card_provider("pack.age", "x", title="X", file="y.toml").adapters == {"card": "pack.age:y.toml"}


def test_an_installed_card_is_a_provider_as_any_other(plug: Plug) -> None:
    """Its regions are generations of its adapter, the first one the default."""
    registry = Registry(entry_points=[plug(ACME, "'acme', title='Acme', regions=['global', 'eu']")], disabled="")

    assert [operation.name for operation in registry.operations()] == ["acme/video", "acme/model", "acme/speech"]
    assert registry.adapter("acme").service.base_url == "https://api.acme.example/v1"
    assert registry.adapter("acme", "eu").service.base_url == "https://api.eu.acme.example/v1"
    assert isinstance(registry.adapter("acme"), Cancels)


def test_a_variable_chooses_the_region() -> None:
    """As another one chooses an API generation, which comes first."""
    provider = card_provider("taskferry_acme", "acme", title="Acme", regions=["global", "eu"])

    assert generation_for(provider, {}) == "global"
    assert generation_for(provider, {"TASKFERRY_ACME_REGION": " eu "}) == "eu"
    assert generation_for(provider, {"TASKFERRY_ACME_REGION": "eu", "TASKFERRY_ACME_GENERATION": "global"}) == "global"
    assert generation_for(provider, {"TASKFERRY_ACME_REGION": "eu"}, "global") == "global"


@pytest.mark.parametrize(
    ("card", "arguments", "told"),
    [
        (SMALL, "'acme', title='Acme'", "offers 'fable/image', which is not named acme/..."),
        (ACME, "'acme', title='Acme', regions=['mars']", "There is no region 'mars'"),
        (ACME.replace("post =", "pots ="), "'acme', title='Acme'", 'has "pots"; did you mean "post"?'),
        (ACME, "'acme', title='Acme', file='absent.toml'", "absent.toml:1: cannot be read from"),
    ],
)
def test_an_installed_card_that_cannot_be_used_is_a_row(card: str, arguments: str, told: str, plug: Plug) -> None:
    """And asking for its adapter says why."""
    registry = Registry(entry_points=[plug(card, arguments)], disabled="")

    assert registry.operations() == []
    assert told in str([row.problem for row in registry.rows if row.problem])
    with pytest.raises(PluginError):
        registry.adapter("acme")


def test_a_card_that_is_not_installed_can_be_added() -> None:
    """Under its name, with its regions."""
    registry = Registry(entry_points=[])

    registry.add_card(small())
    registry.add_card(read_card(ACME))

    assert list(registry.providers) == ["acme", "fable"]
    assert registry.operation("fable/image").title == "Text to image"
    assert registry.adapter("fable").service.base_url == "https://api.fable.example/v1"
    assert registry.adapter("acme", "eu").service.base_url == "https://api.eu.acme.example/v1"
    with pytest.raises(UsageError, match="acme has no API generation 'mars'; there are: global, eu"):
        registry.adapter("acme", "mars")


def test_a_later_card_of_the_same_name_takes_the_place_of_the_earlier() -> None:
    """So that an edited card is what is used."""
    registry = Registry(entry_points=[], cards=[small()])
    before = registry.adapter("fable")

    registry.add_card(small("Text to image", "Anything to image"))

    assert registry.adapter("fable") is not before
    assert registry.operation("fable/image").title == "Anything to image"


@pytest.mark.parametrize(
    ("card", "told"),
    [
        (small(name="acme"), "acme.toml takes the name 'acme', which .* offers already"),
        (
            small("FABLE_API_KEY", "ACME_TOKEN"),
            "fable.toml reads ACME_TOKEN, which holds the key of acme: name another",
        ),
        (
            small('status = "state"', 'status = "state"\npython = "a.b:c"'),
            "fable.toml has a step in Python, which only",
        ),
    ],
    ids=["a name", "a key", "Python"],
)
def test_a_card_that_takes_what_is_not_its_own_is_refused(card: Card, told: str, plug: Plug) -> None:
    """A name, a key's variable, or the right to run code."""
    registry = Registry(entry_points=[plug(ACME, "'acme', title='Acme'")], disabled="")

    with pytest.raises(UsageError, match=told):
        registry.add_card(card)

    assert list(registry.providers) == ["acme"]


def test_two_added_cards_cannot_share_a_key_either() -> None:
    """The later one is refused."""
    registry = Registry(entry_points=[], cards=[small()])

    with pytest.raises(UsageError, match=r"bolt\.toml reads FABLE_API_KEY, which holds the key of fable"):
        registry.add_card(read_card(SMALL.replace('name = "fable"', 'name = "bolt"'), "bolt.toml"))


def test_a_broken_plugin_does_not_keep_a_card_from_being_added(plug: Plug) -> None:
    """It has its row, and no key of it is used."""
    registry = Registry(entry_points=[plug("nonsense", "'acme', title='Acme'")], disabled="")

    registry.add_card(small())

    assert "fable" in registry.providers


def test_cards_from_the_start_are_rows_and_one_that_cannot_be_used_says_why(plug: Plug) -> None:
    """An installed plugin comes first; a key that is another's is found before anything is sent."""
    acme, other = small(name="acme"), small("FABLE_API_KEY", "ACME_API_KEY")

    registry = Registry(
        entry_points=[plug(ACME, "'acme', title='Acme'")], disabled="", cards=[acme, other, small(name="bolt")]
    )

    rows = {row.distribution: row for row in registry.rows}
    assert "takes the name 'acme'" in str(rows["card acme.toml"].problem)
    assert rows["card bolt.toml"].providers == ("bolt",)
    with pytest.raises(PluginError, match=r"fable\.toml reads ACME_API_KEY, which holds the key of acme"):
        registry.adapter("fable")
    with pytest.raises(UnknownName):
        registry.provider("absent")


def test_cards_that_were_trusted_are_there_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every process with that home, unless the plugins or the cards were chosen."""
    monkeypatch.setenv("TASKFERRY_HOME", str(tmp_path))
    monkeypatch.setenv("TASKFERRY_DISABLE_PLUGINS", "*")
    trust(tmp_path, small(), SMALL)

    assert list(Registry().providers) == ["fable"]
    assert list(Registry(home=tmp_path / "elsewhere").providers) == []
    assert list(Registry(entry_points=[], home=tmp_path).providers) == ["fable"]
    assert list(Registry(entry_points=[]).providers) == []
    assert list(Registry(cards=()).providers) == []
