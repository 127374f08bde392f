"""`assentry init`: a working project to begin with."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from assentry.cli.exit import Exit

# Where each file of `assentry/cli/starter` goes; the schema is the default one.
FILES = {
    "assentry.toml": "assentry.toml",
    "README.md": "README.md",
    "rules/exports.assent": "rules/exports.assent",
    "rules/exports.test.yaml": "rules/exports.test.yaml",
    "rules/data/partners.yaml": "rules/data/partners.yaml",
    "examples/export.json": "examples/export.json",
    "ci/policy.yml": ".github/workflows/policy.yml",
}
SCHEMA = "schemas/action.schema.json"


@click.command(name="init", short_help="make a working starter")
@click.argument("folder", metavar="DIR")
def command(folder: str) -> Exit:
    """Make a working starter in DIR: rules with tests and data, the action's schema, configuration, CI file.

    Nothing is overwritten: when one of the files exists, nothing is written at all.

    \b
    Example:
      assentry init my-policy
      assentry test my-policy
      assentry eval my-policy --input my-policy/examples/export.json
    """
    from assentry import schemas
    from assentry.cli.page import Page, Styled
    from assentry.errors import ConfigError

    starter = resources.files("assentry.cli") / "starter"
    texts = {target: starter.joinpath(name).read_text(encoding="utf-8") for name, target in FILES.items()}
    texts[SCHEMA] = schemas.text("action")
    root = Path(folder)
    taken = [target for target in texts if (root / target).exists()]
    if taken:
        raise ConfigError(f"`{root / taken[0]}` exists already: init overwrites nothing")
    page = Page()
    for target, text in sorted(texts.items()):
        file = root / target
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        page.line(Styled("wrote ", "allow"), str(file))
    page.line()
    page.line("next:  ", Styled(f"assentry test {root}", "strong"))
    page.line("       ", Styled(f"assentry eval {root} --input {root / 'examples/export.json'}", "strong"))
    return Exit.FINE
