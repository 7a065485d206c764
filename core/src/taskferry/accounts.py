"""Which account at which address a job belongs to, and whether this process may speak for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from taskferry.adapter import Adapter, PicksGeneration
from taskferry.credentials import Secret, find_key
from taskferry.errors import AdapterError, TaskferryError, UsageError
from taskferry.exchange import ask
from taskferry.hookspecs import Provider
from taskferry.ledger.record import Job
from taskferry.registry import Registry
from taskferry.settings import base_url_for, variable
from taskferry.transport import Transport, Wire


class LivesElsewhere(TaskferryError):
    """A job belongs to another account or address than this process is set up for; it is parked, never asked there."""


@frozen(kw_only=True)
class Account:
    """One provider as this process is set up for it."""

    adapter: Adapter
    generation: str
    base_url: str
    key: Secret | None
    fingerprint: str


AUTO = "auto"
"""The setting that lets a free call decide which API generation new jobs go to."""


def generation_for(provider: Provider, environ: Mapping[str, str], explicit: str | None = None) -> str:
    """Give the API generation for new jobs: explicit, else `TASKFERRY_<PROVIDER>_GENERATION`, else the first.

    A card's regions are generations, too; `TASKFERRY_<PROVIDER>_REGION` chooses among them.
    """
    named = (environ.get(variable(provider.name, what), "").strip() for what in ("GENERATION", "REGION"))
    chosen = explicit or next(filter(None, named), "")
    return next(iter(provider.adapters)) if chosen in ("", AUTO) else chosen


class Accounts:
    """Finds adapter, address and key of each provider, once, and one wire for each account."""

    def __init__(
        self,
        registry: Registry,
        transport: Transport,
        *,
        environ: Mapping[str, str],
        home: Path,
        salt: bytes,
        keys: Mapping[str, str],
        base_urls: Mapping[str, str],
        generations: Mapping[str, str],
    ) -> None:
        self._registry = registry
        self._transport = transport
        self._environ = environ
        self._home = home
        self._salt = salt
        self._keys = keys
        self._base_urls = base_urls
        self._generations = generations
        self._found: dict[tuple[str, str, bool], Account] = {}
        self._picked: dict[str, str] = {}
        self._wires: dict[tuple[str, str, str], Wire] = {}

    def generation(self, provider: str) -> str:
        """Give the API generation for new jobs."""
        return generation_for(self._registry.provider(provider), self._environ, self._generations.get(provider))

    async def settled_generation(self, provider: str, *, keyless: bool = False) -> str:
        """Give the API generation for new jobs, asking the provider once if the setting is `auto`."""
        setting = self._generations.get(provider) or self._environ.get(variable(provider, "GENERATION"), "").strip()
        account = self.account(provider, keyless=keyless) if setting == AUTO else None
        if account is None or not isinstance(account.adapter, PicksGeneration):
            return self.generation(provider)
        if provider not in self._picked:
            exchange = account.adapter.pick_generation()
            picked = await ask(exchange, self.wire(account), account.adapter.failure, str)
            if picked not in self._registry.provider(provider).adapters:
                raise AdapterError(f"{provider} has no API generation {picked!r}.")
            self._picked[provider] = picked
        return self._picked[provider]

    def account(self, provider: str, generation: str | None = None, *, keyless: bool = False) -> Account:
        """Give the account at a provider; raise UsageError (MissingKey above all) before anything is sent.

        A `keyless` one is nobody's: for operations that need no key.
        """
        chosen = generation or self.generation(provider)
        place = (provider, chosen, keyless)
        if place not in self._found:
            adapter = self._registry.adapter(provider, chosen)
            service = adapter.service
            base_url = base_url_for(provider, service.base_url, self._environ, self._base_urls.get(provider))
            explicit = self._keys.get(provider)
            key = None
            if not keyless:
                key = find_key(provider, service, explicit=explicit, environ=self._environ, home=self._home)
            self._found[place] = Account(
                adapter=adapter,
                generation=chosen,
                base_url=base_url,
                key=key,
                fingerprint="" if key is None else key.fingerprint(self._salt),
            )
        return self._found[place]

    def wire(self, account: Account) -> Wire:
        """Give the wire of an account."""
        place = (account.base_url, account.fingerprint, account.generation)
        if place not in self._wires:
            self._wires[place] = Wire(self._transport, account.adapter.service, account.base_url, account.key)
        return self._wires[place]

    def of(self, job: Job) -> Account:
        """Give the account that a kept job belongs to; raise LivesElsewhere if this process is set up for another."""
        try:
            account = self.account(job.provider, job.generation, keyless=not job.account)
        except UsageError as error:
            raise LivesElsewhere(str(error)) from error
        if account.base_url != job.base_url:
            name = variable(job.provider, "BASE_URL")
            raise LivesElsewhere(
                f"The job lives at {job.base_url}, but {job.provider} is reached at {account.base_url} now: "
                f"set {name} to {job.base_url} to go on with it."
            )
        if account.fingerprint != job.account:
            raise LivesElsewhere(f"The job was made with another key of {job.provider}: set that key to go on with it.")
        return account
