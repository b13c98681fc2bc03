"""Permissions that a resumed run needs from the user.

A run directory may come from an untrusted source. Its record names the models, and with them the
hosts that receive pictures, prompts and keys, and the models whose Python code is executed. None
of this happens without the user's consent.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from vsbench.adapters.registry import OURS, packages_of
from vsbench.errors import UsageError
from vsbench.planning.units import models_in_seats
from vsbench.records.manifest import Manifest
from vsbench.settings import RunSettings

AUTHORITY = re.compile(r"[A-Za-z][\w+.-]*:[/\\]{2,}([^/?#]*)")
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::\d*)?", re.ASCII)
"""A host with an optional port. Anything else is never taken for this machine."""

HOST_LIKE = re.compile(r"[\w.-]+:\d+|(?:[\w-]+\.)+[a-z]{2,}|\d+(?:\.\d+){3}", re.ASCII)
"""Parts of a plug-in's model id that may be hosts; the id's format is the plug-in's own."""

KEY_VARIABLES = {"openai-api": "VSBENCH_API_KEY"}
"""Provider -> environment variable with the key sent to the address in the model's id."""

REMOTE_CODE = "hf.trust_remote_code"
FALSE = {"false", "f", "no", "n", "off", "0"}


@dataclass(frozen=True)
class Permission:
    """An action of a run that needs the user's consent."""

    option: str
    """The option that grants it, such as ``--allow-host``."""
    value: str
    """The option's value."""
    about: str
    """The action in words, for a message."""

    def __str__(self) -> str:
        return f"{self.option} {shlex.quote(_escaped(self.value))}"


def permissions_for(manifests: Iterable[Manifest]) -> list[Permission]:
    """Return all permissions that resuming these runs needs."""
    return list(dict.fromkeys(each for one in manifests for each in _permissions(one)))


def missing_permissions(manifests: Iterable[Manifest], settings: RunSettings) -> list[Permission]:
    """Return the permissions that the settings do not grant."""
    hosts = {host.lower() for host in settings.allow_hosts}
    return [
        needed
        for needed in permissions_for(manifests)
        if not (
            hosts & {needed.value, _without_port(needed.value)}
            if needed.option == "--allow-host"
            else needed.value in settings.allow_code
        )
    ]


def check_permissions(manifests: Iterable[Manifest], settings: RunSettings) -> None:
    """Raise UsageError unless the settings grant everything that resumed runs need."""
    if missing := missing_permissions(manifests, settings):
        raise refusal(missing)


def refusal(missing: list[Permission]) -> UsageError:
    """Make the error that names missing permissions and the options that grant them."""
    return UsageError(
        f"according to its record, the run {'; and '.join(m.about for m in missing)}."
        f" If you trust it, allow this with: {' '.join(map(str, missing))}"
    )


def granting(settings: RunSettings, permissions: Iterable[Permission]) -> RunSettings:
    """Return the settings with more permissions granted."""
    granted = list(permissions)
    hosts = tuple(one.value for one in granted if one.option == "--allow-host")
    code = tuple(one.value for one in granted if one.option == "--allow-code")
    update = {"allow_hosts": settings.allow_hosts + hosts, "allow_code": settings.allow_code + code}
    return settings.model_copy(update=update)


def _permissions(manifest: Manifest) -> Iterator[Permission]:
    for model in models_in_seats(manifest):
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
            about = f"executes Python code of the model {_escaped(model)} ({REMOTE_CODE})"
            yield Permission("--allow-code", model, about)


def _hosts(provider: str, model: str, options: Iterable[str]) -> Iterator[str]:
    name = model.partition("/")[2]
    found = [host for text in (name, *options) for host in AUTHORITY.findall(text)]
    if provider in KEY_VARIABLES and not AUTHORITY.match(name):
        found.append(name.partition("#")[0])
    if OURS not in packages_of(provider):
        parts = [part for text in (name, *options) for part in re.split(r"[/#,;=@]", text)]
        found += [part for part in parts if HOST_LIKE.fullmatch(part.lower())]
    return (host.lower() for host in dict.fromkeys(found))


def _sending(provider: str, host: str) -> str:
    variable = KEY_VARIABLES.get(provider)
    if OURS not in packages_of(provider):
        key = f"with the keys that the provider {_escaped(provider)!r} reads"
    elif variable and os.environ.get(variable):
        key = f"with your {variable}"
    else:
        key = "without a key"
    return f"sends its prompts and pictures to {_escaped(host)} {key}"


def _escaped(text: str) -> str:
    """Escape control sequences and non-ASCII look-alikes for display in a terminal."""
    return text if text.isascii() and text.isprintable() else ascii(text)[1:-1]


def _without_port(host: str) -> str:
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
