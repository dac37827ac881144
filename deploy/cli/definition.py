"""Commands about the lead definition: definition check, show, diff, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.options import EnvFile, settings

_IN_USE = "[the one in use: FUNNELWATCH_DEFINITION, else streams/definition.yaml]"
File = Annotated[
    Path | None,
    typer.Argument(help=f"A definition file. {_IN_USE}", metavar="FILE", exists=True, dir_okay=False, readable=True),
]

definition = typer.Typer(
    help="""The lead definition that marketing and sales sign: is it right, what does it say, what does another change?

    Example: funnelwatch definition check streams/definition.yaml""",
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    for command in (check, show, diff, schema):
        definition.command()(command)
    app.add_typer(definition, name="definition")


def check(
    file: File = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")] = False,
    env_file: EnvFile = None,
) -> int:
    """Find mistakes, say what becomes of sample leads, and warn of what can never be.

    A mistake or warning is a line: file, line, path in it, message. Mistakes are exit code 1. Warned of are stages
    that nothing can enter or end, obligations that nothing can open or meet, channels that another above them shadows,
    moments that nothing uses or that cannot happen, and departments that have not signed.

    Example: funnelwatch definition check ours.yaml --strict
    """
    from deploy.definition.check import check

    return check(file or _in_use(env_file), strict)


def show(
    file: File = None,
    json_: Annotated[bool, typer.Option("--json", help="As JSON, with everything that goes without saying.")] = False,
    env_file: EnvFile = None,
) -> None:
    """Tell the agreement in words: who signed, what sales ready means, each stage, who owes what by when.

    Example: funnelwatch definition show ours.yaml
    """
    from deploy.definition.show import as_json, as_text
    from streams.definition.load import read_definition

    found = read_definition(file or _in_use(env_file))
    print(as_json(found) if json_ else as_text(found))


def diff(
    one: Annotated[Path, typer.Argument(help="A definition file.", metavar="A", exists=True, dir_okay=False)],
    other: Annotated[
        Path | None,
        typer.Argument(
            help="Another one, to which A is compared as the older. Without it, A is the newer, and compared to the one"
            f" in use. {_IN_USE}",
            metavar="B",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    env_file: EnvFile = None,
) -> int:
    """Say what changed from one definition to another, by path; exit code 0 if nothing did, 1 if anything.

    Both versions are named first: facts of another version are another generation.

    Example: funnelwatch definition diff ours.yaml ours-new.yaml
    """
    from streams.definition.diff import changes
    from streams.definition.load import read_definition

    old, new = map(read_definition, (one, other) if other else (_in_use(env_file), one))
    found = changes(old.content, new.content)
    if found:
        print(f"--- {old.file} {old.definition.version}")
        print(f"+++ {new.file} {new.definition.version}")
    else:
        print(f"{old.file} and {new.file} say the same: version {new.definition.version}")
    for change in found:
        print(change)
    return 1 if found else 0


def schema() -> None:
    """Print the JSON Schema of definition files, by which editors complete and check them.

    A file's first line tells the editor where it is: # yaml-language-server: $schema=definition.schema.json

    Example: funnelwatch definition schema > definition.schema.json
    """
    from streams.definition.schema import schema_text

    print(schema_text(), end="")


def _in_use(env_file: Path | None) -> Path:
    from streams.definition.load import DEFAULT_PATH

    return settings(env_file).definition or DEFAULT_PATH
