"""Check a user's own templates when they are loaded, for what Jinja would silently ignore."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import jinja2
from jinja2 import meta, nodes

from vsbench.prompts.rendering import VARIABLES, PromptError, environment, template_error
from vsbench_prompts import QUESTIONS

_SILENT = (
    nodes.Extends,
    nodes.Block,
    nodes.Import,
    nodes.FromImport,
    nodes.Macro,
    nodes.Assign,
    nodes.AssignBlock,
)
"""Nodes that a template that extends another may have outside blocks."""

_REFERENCES = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)

_CHOSEN = "/personas/"
"""Part of the names of templates that are included by a computed name."""


def check_overlay(folder: Path, own: Mapping[str, str], shipped: Mapping[str, str]) -> None:
    """Check a folder of templates that overlays the shipped pack.

    Raises:
        PromptError: the folder would change nothing; or a template is broken, has text that would
            not be rendered, or refers to a variable, template or block that does not exist.
    """
    if not own:
        raise PromptError(
            f"prompt folder {folder} has no templates; "
            f"create them with: vsbench prompts eject {folder}"
        )
    if not any(name in shipped or _is_question(name, shipped) for name in own):
        raise PromptError(
            f"no template in {folder} has the name of one in the pack, for example "
            f"{sorted(shipped)[0]}: it would change nothing"
        )
    pack = {**shipped, **own}
    jinja = environment(pack)
    trees = {name: _parsed(jinja, name, text) for name, text in pack.items()}
    assigned = {
        name.name for tree in trees.values() for name in tree.find_all(nodes.Name) if _stores(name)
    }
    for name in own:
        _check_dropped(name, trees[name])
        _check_variables(name, trees[name], VARIABLES | assigned | jinja.globals.keys())
        _check_references(name, trees[name], pack)
    # A changed parent can orphan the blocks of unchanged templates.
    for name, tree in trees.items():
        _check_blocks(name, tree, trees)
    _check_used(own, shipped, trees)


def _parsed(jinja: jinja2.Environment, name: str, text: str) -> nodes.Template:
    try:
        tree = jinja.parse(text, name, name)
        # Unknown filters and tests are detected only here.
        jinja.compile(text, name, name)
    except jinja2.TemplateSyntaxError as error:
        raise template_error(error.name or name, error.lineno, error.message or "") from None
    except RecursionError:
        raise template_error(name, None, "nested too deeply") from None
    return tree


def _check_dropped(name: str, tree: nodes.Template) -> None:
    """Refuse text outside blocks in a template that extends another; it is never rendered."""
    if not any(isinstance(node, nodes.Extends) for node in tree.body):
        return
    for node in tree.body:
        for line in _outputs(node):
            raise template_error(
                name,
                line,
                "this is outside a block in a template that extends another, so it would not be "
                "rendered; put it into a block",
            )


def _outputs(node: nodes.Node) -> Iterator[int]:
    """Yield the lines of a top-level node that would render text."""
    if isinstance(node, _SILENT):
        return
    if isinstance(node, nodes.Output):
        for part in node.nodes:
            if not isinstance(part, nodes.TemplateData):
                yield part.lineno
            elif text := part.data.strip():
                yield part.lineno + part.data[: part.data.index(text)].count("\n")
    elif isinstance(node, (nodes.Include, nodes.CallBlock)):
        yield node.lineno
    else:
        for child in node.iter_child_nodes():
            yield from _outputs(child)


def _check_variables(name: str, tree: nodes.Template, known: Collection[str]) -> None:
    for unknown in sorted(meta.find_undeclared_variables(tree) - set(known)):
        lines = [use.lineno for use in tree.find_all(nodes.Name) if use.name == unknown]
        raise template_error(
            name, min(lines, default=None), f"{unknown!r} is undefined{_near(unknown, known)}"
        )


def _check_references(name: str, tree: nodes.Template, pack: Collection[str]) -> None:
    for node in tree.find_all(_REFERENCES):
        if isinstance(node, nodes.Include) and node.ignore_missing:
            continue
        for target in _targets(node):
            if target not in pack:
                raise template_error(
                    name, node.lineno, f"no template {target!r}{_near(target, pack)}"
                )


def _check_blocks(name: str, tree: nodes.Template, trees: Mapping[str, nodes.Template]) -> None:
    """Refuse blocks that no ancestor has; they are never rendered."""
    parents = list(_ancestors(name, trees))
    if not parents:
        return
    known = {block.name for parent in parents for block in trees[parent].find_all(nodes.Block)}
    for node in tree.body:
        # A nested block is rendered with its parent block.
        if isinstance(node, nodes.Block) and node.name not in known:
            raise template_error(
                name,
                node.lineno,
                f"no block {node.name!r} in {parents[0]}, so it would not be rendered; "
                f"blocks there: {', '.join(sorted(known)) or 'none'}",
            )


def _ancestors(name: str, trees: Mapping[str, nodes.Template]) -> Iterator[str]:
    seen = {name}
    while True:
        named = [each for node in trees[name].find_all(nodes.Extends) for each in _targets(node)]
        if not named or named[0] not in trees:
            return
        name = named[0]
        if name in seen:
            raise template_error(name, None, "extends itself")
        seen.add(name)
        yield name


def _check_used(
    own: Mapping[str, str], shipped: Mapping[str, str], trees: Mapping[str, nodes.Template]
) -> None:
    """Refuse a template that nothing would render, such as one with a misspelt name."""
    folders = {name.partition("/")[0] for name in shipped}
    referred = {
        target
        for tree in trees.values()
        for node in tree.find_all(_REFERENCES)
        for target in _targets(node)
    }
    for name in own:
        known = (
            name in shipped or name in referred or _CHOSEN in name or _is_question(name, shipped)
        )
        if not known and name.partition("/")[0] in folders:
            raise template_error(
                name,
                None,
                "the pack has no such template and none refers to it, so it would change "
                f"nothing{_near(name, shipped)}",
            )


def _is_question(name: str, shipped: Collection[str]) -> bool:
    """Return whether it is a game's own question, replacing the shared one."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/_rules.j2" in shipped and file in {f"{each}.j2" for each in QUESTIONS}


def _targets(node: nodes.Node) -> list[str]:
    """Return the templates that a reference names literally."""
    written = getattr(node, "template", None)
    items = written.items if isinstance(written, (nodes.List, nodes.Tuple)) else [written]
    values = [item.value for item in items if isinstance(item, nodes.Const)]
    return [value for value in values if isinstance(value, str)]


def _stores(name: nodes.Name) -> bool:
    return name.ctx in ("store", "param")


def _near(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
