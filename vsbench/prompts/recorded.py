"""Packs in run directories: known ones, trusted ones, and those that are not rendered."""

from __future__ import annotations

from pathlib import Path

from vsbench.prompts.confined import DEFAULT_LIMITS, ConfinedPack, Limits
from vsbench.prompts.errors import PromptError, UntrustedPackError
from vsbench.prompts.pack import PromptPack
from vsbench_envs import registry
from vsbench_envs.errors import MissingExtraError, PluginError
from vsbench_prompts import VERSION, released_packs


def is_known(pack: PromptPack) -> bool:
    """Whether a pack was released, or all its templates are installed here, word for word."""
    if pack.sha256 in released_packs():
        return True
    games = {name.partition("/")[0] for name in pack.templates} & set(registry.names())
    try:
        installed = PromptPack.shipped(None, games).templates
    except (PromptError, MissingExtraError, PluginError):
        return False
    return pack.templates.items() <= installed.items()


def open_recorded(
    folder: Path,
    sha256: str,
    *,
    version: str = VERSION,
    trusted: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> PromptPack:
    """Open the copy of a pack that a run or tournament keeps.

    A known pack is rendered in this process. Any other is a stranger's program: it is refused
    unless ``trusted``, and rendered in a confined process.

    Args:
        folder: of the copy.
        sha256: the fingerprint that the record gives.
        version: of the templates, as the record gives it.
        trusted: whether a pack that is not known may be rendered.
        limits: of the confined process.

    Raises:
        UntrustedPackError: the pack is not known, and not trusted.
        PromptError: the folder cannot be read as a pack, or was changed since the run began.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise PromptError(f"prompt folder {folder} does not exist, or is a link")
    pack = PromptPack(folder, version=version)
    if pack.sha256 != sha256:
        raise PromptError(
            f"the prompts in {folder} are not those that the run began with; restore them, or "
            "start a new run with --prompts"
        )
    if is_known(pack):
        return pack
    if not trusted:
        raise UntrustedPackError(
            f"the templates in {folder} are of no released pack, and templates are programs: "
            "read them, then add --trust-prompts to render them in a confined process"
        )
    return ConfinedPack(folder, version=version, limits=limits)
