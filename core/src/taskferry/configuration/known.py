"""Every setting that `config.toml` may hold, as a table, and how a name is found in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

Name = tuple[str, ...]
"""The parts of a setting's name, as `("caps", "day")` of `caps.day`."""


@frozen(kw_only=True)
class Setting:
    """One setting, or all that are named alike."""

    name: Name
    """A part in capitals stands for any, as `PROVIDER`."""
    takes: type
    """`str`, `bool`, or `list` for texts in brackets."""
    meaning: str
    in_profile: bool = True
    """Whether a profile may have one of its own."""

    @property
    def is_secret(self) -> bool:
        """Tell whether its value is a key, which is never shown."""
        return self.name[0] == "keys"

    def fits(self, name: Sequence[str]) -> bool:
        """Tell whether a name is, or begins as, this one's."""
        return len(name) <= len(self.name) and all(
            part in (given, part.upper()) for part, given in zip(self.name, name, strict=False)
        )


def _setting(name: str, meaning: str, takes: type = str, *, in_profile: bool = True) -> Setting:
    return Setting(name=tuple(name.split(".")), takes=takes, meaning=meaning, in_profile=in_profile)


SETTINGS = (
    _setting("output", "The folder where files go that are not sent elsewhere with `-o`."),
    _setting("keys.PROVIDER", "A provider's key; `taskferry login PROVIDER --file` puts it there."),
    _setting("regions.PROVIDER", "The region of a provider, or the generation of its API, for new jobs."),
    _setting("caps.task", "The most that one task may cost."),
    _setting("caps.day", "The most that may be spent or made on one day, in UTC."),
    _setting("caps.total", "The most that may be spent or made in all."),
    _setting("caps.allow_unpriced", "Whether jobs of unknown price are sent although a cap holds for them.", bool),
    _setting("caps.PROVIDER.task", "The most that one task at a provider may cost."),
    _setting("caps.PROVIDER.day", "The most that may be spent or made at a provider on one day, in UTC."),
    _setting("caps.PROVIDER.total", "The most that may be spent or made at a provider in all."),
    _setting("rates.UNIT", "What one of a unit is worth in another, so that both count towards one cap."),
    _setting("rates.PROVIDER.UNIT", "What one of a provider's units is worth in another."),
    _setting("plugins.disabled", "The plugins that are not loaded.", list, in_profile=False),
)
IN_PROFILES = tuple(setting for setting in SETTINGS if setting.in_profile)
_TYPES = {str: "a text in quotes", bool: "true or false", list: "a list of texts"}


def split(name: Sequence[str]) -> tuple[str | None, Name]:
    """Take the profile off a name, as `work` off `profiles.work.caps.day`."""
    if len(name) > 1 and name[0] == "profiles":
        return name[1], tuple(name[2:])
    return None, tuple(name)


def setting_of(name: Sequence[str]) -> Setting | None:
    """Give the setting that a whole name is of; None if there is none."""
    profile, rest = split(name)
    known = SETTINGS if profile is None else IN_PROFILES
    return next((one for one in known if len(one.name) == len(rest) and one.fits(rest)), None)


def leaves(table: Mapping[str, object], around: Name = ()) -> Iterator[tuple[Name, object]]:
    """Give every setting of a document with its name; an empty table stands for itself."""
    for key, value in table.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*around, key))
        else:
            yield (*around, key), value


def wrong(name: Name, value: object) -> tuple[Name, str] | None:
    """Say what is wrong with one setting, and at which part of its name; its value is never shown."""
    profile, rest = split(name)
    known = SETTINGS if profile is None else IN_PROFILES
    around = name[: len(name) - len(rest)]
    if not rest or name == ("profiles",):
        return None if isinstance(value, Mapping) else (name, f"{'.'.join(name)} has to be a table.")
    fitting = next(length for length in range(len(rest), -1, -1) if any(one.fits(rest[:length]) for one in known))
    if fitting < len(rest):
        return name[: len(around) + fitting + 1], _unknown(around, rest[: fitting + 1], known)
    setting = setting_of(name)
    if isinstance(value, Mapping):
        return None if setting is None or len(value) else (name, f"{'.'.join(name)} has to be {_TYPES[setting.takes]}.")
    if setting is None:
        near = _near(rest, known, whole=True)
        return name, _unknown(around, rest, known) if near else f"{'.'.join(name)} has to be a table."
    return None if _is_taken(value, setting) else (name, f"{'.'.join(name)} has to be {_TYPES[setting.takes]}.")


def _is_taken(value: object, setting: Setting) -> bool:
    if setting.takes is bool:
        return isinstance(value, bool)
    many = setting.takes is list or (setting.name[0] == "caps" and isinstance(value, list))
    texts = value if many and isinstance(value, list) else [None] if many else [value]
    return all(isinstance(text, str) for text in texts)


def _unknown(around: Name, name: Name, known: Sequence[Setting]) -> str:
    near = _near(name, known)
    hint = f"did you mean {'.'.join((*around, *name[:-1], near[0]))}?" if near else f"there are: {_all(name, known)}."
    return f"there is no setting {'.'.join((*around, *name))}; {hint}"


def _names(name: Name, known: Sequence[Setting], *, whole: bool = False) -> list[str]:
    """Give what may stand in the last place of a name; as the end of a whole one, if so wanted."""
    found = [one.name for one in known if len(one.name) >= len(name) and one.fits(name[:-1])]
    last = len(name) - 1
    fitting = [one[last] for one in found if not one[last].isupper() and (not whole or len(one) == len(name))]
    return list(dict.fromkeys([*fitting, "profiles"] if known is SETTINGS and not last else fitting))


def _near(name: Name, known: Sequence[Setting], *, whole: bool = False) -> list[str]:
    return difflib.get_close_matches(name[-1], _names(name, known, whole=whole), n=1, cutoff=0.6)


def _all(name: Name, known: Sequence[Setting]) -> str:
    return ", ".join(_names(name, known))
