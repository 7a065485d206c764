"""Keys: where they are looked for, in which order, and that nothing shows them."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from taskferry import Bearer, MissingKey, NoKey, Service, UsageError
from taskferry.credentials import Secret, find_key

ACME = Service(
    base_url="https://api.acme.example",
    scheme=Bearer(),
    key_variables=("ACME_KEY", "ACME_OLD_KEY"),
    key_url="https://acme.example/keys",
)


class Chain(KeyringBackend):
    """A keyring that holds one key, or fails as one without a service does."""

    priority = 1  # type: ignore[assignment]  # keyring reads a plain number here
    key: str | None = None
    broken = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.broken:
            raise KeyringError("no such service")
        return self.key if (service, username) == ("taskferry", "acme") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def chain():
    """Put an empty keyring in the place of the machine's own."""
    before, made = keyring.get_keyring(), Chain()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def config(home: Path, text: str = '[keys]\nacme = "from-file"\n', mode: int = 0o600) -> None:
    path = home / "config.toml"
    path.write_text(text)
    path.chmod(mode)


def found(home: Path, *, explicit: str | None = None, **environ: str) -> Secret | None:
    return find_key("acme", ACME, explicit=explicit, environ=environ, home=home)


def test_the_first_place_that_has_a_key_counts(tmp_path: Path, chain: Chain) -> None:
    """Explicit, then the environment's variables in their order, the keyring, the config file."""
    chain.key = "from-keyring"
    config(tmp_path)
    both = {"ACME_KEY": "from-new", "ACME_OLD_KEY": "from-old"}
    steps = [
        found(tmp_path, explicit="from-call", **both),
        found(tmp_path, **both),
        found(tmp_path, ACME_OLD_KEY="from-old"),
        found(tmp_path),
    ]
    chain.key = None

    last = found(tmp_path)

    assert [(key.reveal(), key.source) for key in [*steps, last] if key] == [
        ("from-call", "the call"),
        ("from-new", "ACME_KEY of the environment"),
        ("from-old", "ACME_OLD_KEY of the environment"),
        ("from-keyring", "the keyring"),
        ("from-file", str(tmp_path / "config.toml")),
    ]


def test_blanks_around_a_key_are_not_part_of_it_and_blanks_alone_are_none(tmp_path: Path) -> None:
    """Both come from copying."""
    key = found(tmp_path, explicit="  ", ACME_KEY="", ACME_OLD_KEY=" sesame\n")

    assert key is not None
    assert key.reveal() == "sesame"


def test_without_a_key_the_error_says_what_to_set_and_where_to_get_one(tmp_path: Path) -> None:
    """Nothing was sent."""
    with pytest.raises(MissingKey, match="No key for acme: set ACME_KEY or ACME_OLD_KEY"):
        found(tmp_path)


def test_a_provider_that_takes_no_key_needs_none(tmp_path: Path) -> None:
    """Nothing is looked for."""
    free = Service(base_url="https://free.example", scheme=NoKey())

    assert find_key("free", free, explicit="sesame", environ={}, home=tmp_path) is None


def test_a_machine_without_keyring_support_asks_the_file_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is not installed."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    config(tmp_path)

    key = found(tmp_path)

    assert key is not None
    assert key.reveal() == "from-file"


def test_a_keyring_that_fails_asks_the_file_next(tmp_path: Path, chain: Chain) -> None:
    """The extra is installed, but there is no service behind it."""
    chain.broken = True
    config(tmp_path)

    key = found(tmp_path)

    assert key is not None
    assert key.reveal() == "from-file"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_file_with_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """The error says how to mend it, and not what the key is."""
    config(tmp_path, mode=mode)

    with pytest.raises(UsageError, match="can be read by others: run `chmod 600") as caught:
        found(tmp_path)

    assert "from-file" not in str(caught.value)


def test_a_file_without_the_key_may_be_read_by_anyone(tmp_path: Path) -> None:
    """There is nothing to hide in it."""
    config(tmp_path, '[keys]\nother = "x"\n', mode=0o644)

    with pytest.raises(MissingKey):
        found(tmp_path)


@pytest.mark.parametrize("text", ["[keys\n", 'keys = "sesame"', "[keys]\nacme = 7", '[keys]\nacme = " "', "\x00"])
def test_a_file_that_is_no_sound_toml_or_holds_no_text_gives_no_key(tmp_path: Path, text: str) -> None:
    """A usage error either way, without what the file holds."""
    config(tmp_path, text)

    with pytest.raises(UsageError) as caught:
        found(tmp_path)

    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("key", ["two\nlines", "ses ame", "ses\u00e4me", "tab\there", "nul\x00"])
def test_a_key_that_cannot_go_into_a_header_is_refused_before_anything_is_sent(tmp_path: Path, key: str) -> None:
    """The HTTP library would put it into its error message."""
    with pytest.raises(UsageError, match="ACME_KEY") as caught:
        found(tmp_path, ACME_KEY=key)

    assert key not in str(caught.value)


SHOWN = [
    repr,
    str,
    "{}".format,
    "{!r:>80}".format,
    "%s".__mod__,
    lambda key: f"{[key]} { {'key': key} }",
    lambda key: dir(key),
]


@pytest.mark.parametrize("show", SHOWN, ids=range(len(SHOWN)))
def test_a_secret_shows_where_it_is_from_and_not_what_it_is(show) -> None:
    """However it is written out."""
    assert "sesame" not in str(show(Secret("sesame", "the call")))


@pytest.mark.parametrize(
    "take", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, vars], ids=lambda take: take.__name__
)
def test_a_secret_is_not_copied_to_anywhere(take) -> None:
    """Not into a pickle, a copy, a document or a table."""
    with pytest.raises(TypeError) as caught:
        take(Secret("sesame", "the call"))

    assert "sesame" not in str(caught.value)


def test_a_fingerprint_tells_accounts_apart_without_telling_the_key() -> None:
    """Another salt gives another one, so ledgers cannot be compared."""
    one, other = Secret("sesame", "a"), Secret("simsim", "a")

    marks = [
        one.fingerprint(b"salt"),
        other.fingerprint(b"salt"),
        one.fingerprint(b"pepper"),
        one.fingerprint(b"x" * 99),
    ]

    assert len(set(marks)) == 4
    assert all(len(mark) == 16 for mark in marks)
    assert one.fingerprint(b"salt") == Secret("sesame", "elsewhere").fingerprint(b"salt")
