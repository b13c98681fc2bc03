"""What a resumed run may do on this machine that only its own record asks for.

A run directory may come from anybody. Its record says which models are asked, and with that where
pictures, prompts and keys are sent, and whose Python code is run.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from vsbench.adapters.registry import OURS, origins
from vsbench.errors import UsageError
from vsbench.evaluations.schedule import models_at
from vsbench.records.manifest import Manifest
from vsbench.settings import RunSettings

AUTHORITY = re.compile(r"[A-Za-z][\w+.-]*:[/\\]{2,}([^/?#]*)")
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::\d*)?", re.ASCII)
"""A host, and maybe a port. Whatever else stands in an address is never taken for this machine."""

HOST_LIKE = re.compile(r"[\w.-]+:\d+|(?:[\w-]+\.)+[a-z]{2,}|\d+(?:\.\d+){3}", re.ASCII)
"""What may be a host in the id of another package's model, which has a form of its own."""

KEYS = {"openai-api": "VSBENCH_API_KEY"}
"""The environment variable whose key goes to the address in a model's id, by provider."""

REMOTE_CODE = "hf.trust_remote_code"
FALSE = {"false", "f", "no", "n", "off", "0"}


@dataclass(frozen=True)
class Permission:
    """Something that a run may do only if the person says so."""

    option: str
    """Grants it, as in ``--allow-host``."""
    value: str
    """What the option is given."""
    about: str
    """What the run then does."""

    def __str__(self) -> str:
        return f"{self.option} {shlex.quote(_shown(self.value))}"


def permissions_for(manifests: Iterable[Manifest]) -> list[Permission]:
    """What these runs do that needs a permission when they are resumed."""
    return list(dict.fromkeys(each for one in manifests for each in _permissions(one)))


def missing_permissions(manifests: Iterable[Manifest], settings: RunSettings) -> list[Permission]:
    """Those that the settings do not grant."""
    hosts = {host.lower() for host in settings.allow_hosts}
    return [
        needed
        for needed in permissions_for(manifests)
        if not (
            hosts & {needed.value, _name(needed.value)}
            if needed.option == "--allow-host"
            else needed.value in settings.allow_code
        )
    ]


def check_permissions(manifests: Iterable[Manifest], settings: RunSettings) -> None:
    """Raise UsageError unless the settings grant everything that resumed runs need."""
    if missing := missing_permissions(manifests, settings):
        raise refusal(missing)


def refusal(missing: list[Permission]) -> UsageError:
    """Says what a run would do, and how to permit it."""
    return UsageError(
        f"only the run's own record says that it {'; and that it '.join(m.about for m in missing)}."
        f" If you trust that, permit it: {' '.join(map(str, missing))}"
    )


def granting(settings: RunSettings, permissions: Iterable[Permission]) -> RunSettings:
    """The settings with more permissions."""
    given = list(permissions)
    hosts = tuple(one.value for one in given if one.option == "--allow-host")
    code = tuple(one.value for one in given if one.option == "--allow-code")
    update = {"allow_hosts": settings.allow_hosts + hosts, "allow_code": settings.allow_code + code}
    return settings.model_copy(update=update)


def _permissions(manifest: Manifest) -> Iterator[Permission]:
    for model in models_at(manifest):
        provider = model.partition("/")[0]
        options = {
            name: value
            for name, value in manifest.model_options.items()
            if name.partition(".")[0] == provider
        }
        for host in _hosts(provider, model, options.values()):
            if not _is_this_machine(host):
                yield Permission("--allow-host", host, _sending(provider, host))
        if provider == "hf" and options.get(REMOTE_CODE, "false").strip().lower() not in FALSE:
            about = f"runs Python code that comes with {_shown(model)} ({REMOTE_CODE})"
            yield Permission("--allow-code", model, about)


def _hosts(provider: str, model: str, options: Iterable[str]) -> Iterator[str]:
    name = model.partition("/")[2]
    found = [host for text in (name, *options) for host in AUTHORITY.findall(text)]
    if provider in KEYS and not AUTHORITY.match(name):
        found.append(name.partition("#")[0])
    if OURS not in origins(provider):
        parts = [part for text in (name, *options) for part in re.split(r"[/#,;=@]", text)]
        found += [part for part in parts if HOST_LIKE.fullmatch(part.lower())]
    return (host.lower() for host in dict.fromkeys(found))


def _sending(provider: str, host: str) -> str:
    variable = KEYS.get(provider)
    if OURS not in origins(provider):
        key = f"with the keys that the provider {_shown(provider)!r} reads"
    elif variable and os.environ.get(variable):
        key = f"with your {variable}"
    else:
        key = "without a key"
    return f"sends its prompts and pictures to {_shown(host)} {key}"


def _shown(text: str) -> str:
    """A text that a terminal shows as it is, without control sequences and look-alike letters."""
    return text if text.isascii() and text.isprintable() else ascii(text)[1:-1]


def _name(host: str) -> str:
    """A host without its port."""
    match = HOST.fullmatch(host)
    return match[1] if match else host


def _is_this_machine(host: str) -> bool:
    match = HOST.fullmatch(host)
    if match is None:
        return False
    try:
        return match[1] == "localhost" or ip_address(match[1].strip("[]")).is_loopback
    except ValueError:
        return False
