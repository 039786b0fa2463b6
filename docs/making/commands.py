"""The reference of the command line: every command, argument and option, from the command itself."""

from __future__ import annotations

import argparse
import re
import subprocess
from collections.abc import Iterator, Mapping
from textwrap import dedent

import typer
import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from docs.making.tables import code, sentence, table, wrapped
from docs.making.template import ROOT
from tintype.cli.main import COMMANDS, NAMES, app


def group() -> TyperGroup:
    """Return `tintype` itself."""
    made = typer.main.get_command(app)
    assert isinstance(made, TyperGroup)  # noqa: S101 - an app of several commands is one
    return made


def reference() -> str:
    """Return all commands, under the headings that `tintype --help` has."""
    made = group().commands
    parts = [_own_options()]
    for panel, functions in COMMANDS.items():
        parts.append(f"## {panel}\n")
        for function in functions:
            if isinstance(function, typer.Typer):
                parts.append(_group(str(function.info.name)))
                continue
            name = NAMES.get(function, function.__name__.replace("_", "-"))
            command = made[name]
            assert isinstance(command, TyperCommand)  # noqa: S101 - groups are above
            parts.append(_command(name, command))
    return "\n".join(parts)


def commands() -> Mapping[str, TyperCommand]:
    """Return all commands by what is typed after `tintype`, such as `list` and `keys add`."""
    found: dict[str, object] = {}
    for name, command in group().commands.items():
        if isinstance(command, TyperGroup):
            found |= {f"{name} {each}": own for each, own in command.commands.items()}
        else:
            found[name] = command
    return {name: one for name, one in found.items() if isinstance(one, TyperCommand)}


def parsers() -> Mapping[str, argparse.ArgumentParser]:
    """Return what else of the packages is a command, by its name."""
    from tintype_infra import release  # noqa: PLC0415 - CDK takes seconds to load

    return {"python -m tintype_infra.release": release._parser()}  # noqa: SLF001 - its own


def modules() -> str:
    """Return the commands that are modules, with their options."""
    parts = []
    for name, parser in parsers().items():
        rows = []
        for action in parser._actions:  # noqa: SLF001 - argparse tells it nowhere else
            if not isinstance(action, argparse._HelpAction):  # noqa: SLF001
                words = ", ".join(code(word) for word in action.option_strings or [action.dest])
                words += f" {code(action.metavar)}" if isinstance(action.metavar, str) else ""
                said = (action.help or "") % {"default": action.default, "prog": parser.prog}
                rows.append([words, sentence(said)])
        parts.append(f"### {name}\n\n{table(['Option', 'Meaning'], rows)}")
    return "\n".join(parts)


def script() -> str:
    """Return what `deploy.sh --help` says."""
    done = subprocess.run(  # noqa: S603 - our own script
        ["bash", str(ROOT / "src" / "tintype_infra" / "deploy.sh"), "--help"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    return f"```text\n{done.stdout.strip()}\n```\n"


def _own_options() -> str:
    context = typer.Context(group(), info_name="tintype")
    return table(["Option", "Default", "Meaning"], _options(group(), context))


def _group(name: str) -> str:
    """Return the commands of a group, such as `tintype keys`, each under its own heading."""
    made = group().commands[name]
    assert isinstance(made, TyperGroup)  # noqa: S101 - as it was added
    parts = [f"{one}\n" for one in _paragraphs(dedent(made.help or ""))]
    parts += [
        _command(each, one) for each, one in commands().items() if each.startswith(f"{name} ")
    ]
    return "\n".join([f"### tintype {name}\n", *parts])


def _command(name: str, command: TyperCommand) -> str:
    context = typer.Context(command, info_name=f"tintype {name}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    parts = [f"### tintype {name}\n", f"```text\n{' '.join(usage.split())}\n```\n"]
    parts += [f"{one}\n" for one in _paragraphs(command.help or "")]
    arguments = [one for one in command.params if isinstance(one, TyperArgument)]
    if arguments:
        rows = [
            [
                code(one.metavar or one.display_type(context)),
                sentence(getattr(one, "help", "") or ""),
            ]
            for one in arguments
        ]
        parts.append(table(["Argument", "Meaning"], rows))
    parts.append(table(["Option", "Default", "Meaning"], _options(command, context)))
    return "\n".join(parts)


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help text, without rich's marks; examples as they are typed."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        plain = re.sub(r"\[/?[a-z ]+\]", "", paragraph)
        first, _, rest = plain.partition("\n")
        if first.endswith(":") and rest.startswith("  "):
            yield f"{wrapped(first)}\n\n```text\n{dedent(rest)}\n```"
        else:
            yield wrapped(plain)


def _options(command: TyperCommand | TyperGroup, context: typer.Context) -> Iterator[list[str]]:
    for one in command.params:
        if isinstance(one, TyperOption) and not one.hidden:
            words = ", ".join(code(word) for word in [*one.opts, *one.secondary_opts])
            value = "" if one.is_flag else f" {_value(one, context)}"
            said = sentence(re.sub(r"\[/?[a-z ]+\]", "", one.help or ""))
            if one.envvar:
                said += f" Environment: {code(one.envvar)}."
            yield [words + value, _default(one), said]


def _value(option: TyperOption, context: typer.Context) -> str:
    """Return what an option takes: a kind of value, with its range."""
    said = code(option.metavar or option.display_type(context))
    if option.min is not None and option.max is not None:
        return f"{said} {option.min:g} to {option.max:g}"
    return f"{said} from {option.min:g}" if option.min is not None else said


def _default(option: TyperOption) -> str:
    value = option.default
    if value is None or value is False or callable(value) or value in ((), []):
        return ""
    return code(getattr(value, "value", value))
