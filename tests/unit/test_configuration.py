"""The config file: what it may say, what is said of what it may not, and what a profile changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from own_keyring import own_keyring
from taskferry import Bearer, Service, UsageError
from taskferry.configuration import configured_environ, disabled_plugins, read_configuration
from taskferry.configuration.known import SETTINGS
from taskferry.configuration.lines import line_of
from taskferry.credentials import find_key
from taskferry.spend import read_caps

WHOLE = """
output = "pictures"

[keys]
acme = "general"
other = "theirs"

[regions]
acme = "eu"

[caps]
day = "20 USD"
allow_unpriced = false
[caps.acme]
day = ["5 USD", "3 videos"]

[rates.acme]
credits = "0.01 USD"

[plugins]
disabled = ["noisy"]

[profiles.work]
output = "/srv/work"
[profiles.work.keys]
acme = "working"
[profiles.work.caps]
day = "100 USD"
allow_unpriced = true

[profiles.empty]
"""
ACME = Service(base_url="https://api.acme.example", scheme=Bearer(), key_variables=("ACME_KEY",))
WORK = {"TASKFERRY_PROFILE": "work"}


def write(home: Path, text: str | bytes) -> None:
    path = home / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o600)


def told(home: Path, text: str | bytes) -> list[str]:
    """Give the lines of the error that reading a file ends with, without the path."""
    write(home, text)
    with pytest.raises(UsageError) as caught:
        read_configuration(home, {})
    return [line.removeprefix(f"{home / 'config.toml'}:") for line in str(caught.value).splitlines()]


def test_without_a_file_nothing_is_set(tmp_path: Path) -> None:
    """And nothing is made."""
    found = read_configuration(tmp_path, {})

    assert (found.output, found.regions, disabled_plugins(tmp_path)) == (None, {}, frozenset())
    assert list(tmp_path.iterdir()) == []


def test_everything_that_may_stand_in_it_is_read(tmp_path: Path) -> None:
    """A folder that is not whole begins where the file is."""
    write(tmp_path, WHOLE)

    found = read_configuration(tmp_path, {})

    assert found.output == tmp_path / "pictures"
    assert found.regions == {"acme": "eu"}
    assert disabled_plugins(tmp_path) == {"noisy"}
    assert {str(cap) for cap in read_caps(tmp_path, {}).caps} == {
        "20 USD a day",
        "5 USD a day at acme",
        "3 videos a day at acme",
    }


def test_a_profile_goes_before_the_general_part_one_by_one(tmp_path: Path) -> None:
    """What it does not say is as it is for all."""
    write(tmp_path, WHOLE)

    caps = read_caps(tmp_path, WORK)
    keys = [find_key(name, ACME, explicit=None, environ=WORK, home=tmp_path) for name in ("acme", "other")]

    assert read_configuration(tmp_path, WORK).output == Path("/srv/work")
    assert {str(cap) for cap in caps.caps} == {"100 USD a day", "5 USD a day at acme", "3 videos a day at acme"}
    assert caps.allow_unpriced
    assert {cap.source for cap in caps.caps if cap.provider is None} == {
        f"profiles.work.caps.day in {tmp_path / 'config.toml'}"
    }
    assert [key.reveal() for key in keys if key] == ["working", "theirs"]


def test_the_environments_key_goes_before_a_profiles(tmp_path: Path) -> None:
    """As it goes before everything that is kept."""
    write(tmp_path, WHOLE)

    key = find_key("acme", ACME, explicit=None, environ={**WORK, "ACME_KEY": "here"}, home=tmp_path)

    assert key is not None
    assert key.reveal() == "here"


def test_a_profiles_key_in_the_file_goes_before_a_general_one_in_the_keyring(tmp_path: Path) -> None:
    """Whose it is counts for more than where it lies."""
    write(tmp_path, WHOLE)

    with own_keyring() as chain:
        chain.kept = {("taskferry", "acme"): "general-chain"}
        working = find_key("acme", ACME, explicit=None, environ=WORK, home=tmp_path)
        general = find_key("acme", ACME, explicit=None, environ={}, home=tmp_path)
        chain.kept["taskferry", "work/acme"] = "work-chain"
        chained = find_key("acme", ACME, explicit=None, environ=WORK, home=tmp_path)

    assert [key.reveal() for key in (working, general, chained) if key] == ["working", "general-chain", "work-chain"]


def test_a_profile_that_there_is_not_is_named_with_the_nearest(tmp_path: Path) -> None:
    """Before anything is sent with another account's key."""
    write(tmp_path, WHOLE)

    with pytest.raises(UsageError, match=r"There is no profile 'wrok'\. Did you mean work\?"):
        read_configuration(tmp_path, {"TASKFERRY_PROFILE": "wrok"})


def test_a_region_holds_where_the_environment_names_none(tmp_path: Path) -> None:
    """The environment goes before the file, also by its other variable."""
    write(tmp_path, WHOLE)
    found = read_configuration(tmp_path, {})

    assert configured_environ({}, found)["TASKFERRY_ACME_REGION"] == "eu"
    for name in ("TASKFERRY_ACME_REGION", "TASKFERRY_ACME_GENERATION"):
        assert dict(configured_environ({name: "us"}, found)) == {name: "us"}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('# mine\noutptu = "x"', ["2: there is no setting outptu; did you mean output?"]),
        ('[cap]\nday = "5 USD"', ["1: there is no setting cap; did you mean caps?"]),
        ('[caps]\n\ndya = "5 USD"', ["3: there is no setting caps.dya; did you mean caps.day?"]),
        ('[caps.acme]\ntaks = "1 USD"', ["2: there is no setting caps.acme.taks; did you mean caps.acme.task?"]),
        ("[kees]", ["1: there is no setting kees; did you mean keys?"]),
        ('[profiles.w]\nkyes = {a = "b"}', ["2: there is no setting profiles.w.kyes; did you mean profiles.w.keys?"]),
        ("zzz = 1", ["1: there is no setting zzz; there are: output, keys, regions, caps, rates, plugins, profiles."]),
        ("[keys]\nacme = 7", ["2: keys.acme has to be a text in quotes."]),
        ('keys = "sesame"', ["1: keys has to be a table."]),
        ("[caps]\nallow_unpriced = 1", ["2: caps.allow_unpriced has to be true or false."]),
        ('[plugins]\ndisabled = "a"', ["2: plugins.disabled has to be a list of texts."]),
        ("[plugins]\ndisabled = [1]", ["2: plugins.disabled has to be a list of texts."]),
        ("[keys.acme]", ["1: keys.acme has to be a text in quotes."]),
        ("profiles = 3", ["1: profiles has to be a table."]),
        ("[profiles]\nwork = 3", ["2: profiles.work has to be a table."]),
        ('a = "x"\r\n[caps]\r\ndya = "y"', ["1: there is no", "3: there is no setting caps.dya"]),
    ],
)
def test_a_setting_that_there_is_not_is_named_with_line_and_nearest(
    tmp_path: Path, text: str, lines: list[str]
) -> None:
    """A cap that is misspelt never counts as none; every mistake is named at once, and no value is shown."""
    found = told(tmp_path, text)

    assert [line[: len(begin)] for line, begin in zip(found, lines, strict=True)] == lines
    assert "sesame" not in str(found)


def test_a_profile_has_no_plugins_and_no_profiles_of_its_own(tmp_path: Path) -> None:
    """They are loaded before one is chosen."""
    assert told(tmp_path, '[profiles.a.plugins]\ndisabled = ["x"]')[0].startswith("1: there is no setting profiles.a.p")
    assert told(tmp_path, "[profiles.a.profiles.b]")[0].startswith("1: there is no setting profiles.a.profiles")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[caps", "cannot be read as TOML"),
        (b"\xff\xfe", "it is not UTF-8 at byte 0"),
        (b"\x00", "cannot be read as TOML"),
        (b"#" * 100_001, "is too large: at most 100,000 bytes"),
    ],
)
def test_a_file_that_is_no_sound_toml_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """With its name, so that it is found."""
    write(tmp_path, content)

    with pytest.raises(UsageError, match=message) as caught:
        read_configuration(tmp_path, {})

    assert str(tmp_path / "config.toml") in str(caught.value)


def test_the_byte_order_mark_and_line_ends_of_windows_do_not_matter(tmp_path: Path) -> None:
    """Its editors write both."""
    write(tmp_path, b'\xef\xbb\xbf[regions]\r\nacme = "eu"\r\n')

    assert read_configuration(tmp_path, {}).regions == {"acme": "eu"}


def test_a_line_is_that_where_a_setting_begins() -> None:
    """Also after values of many lines, in dotted keys and in tables within a line."""
    text = 'a = """\nx\n"""\n# why\nb = [\n 1,\n]\nc.d = {e = 1}\n[f]\ng = 2\n'

    names = [("a",), ("b",), ("c", "d", "e"), ("f",), ("f", "g"), ("not there",)]
    assert [line_of(text, name) for name in names] == [1, 5, 8, 9, 10, 1]


def test_every_setting_says_what_it_is() -> None:
    """In a sentence."""
    assert all(setting.meaning.endswith(".") for setting in SETTINGS)
    assert [".".join(one.name) for one in SETTINGS if one.is_secret] == ["keys.PROVIDER"]
