"""`assentry explain`: why an action is decided as it is, and what would change that."""

from __future__ import annotations

import json

import click

from assentry.cli.exit import Exit
from assentry.cli.rules import format_option, paths_argument


@click.command(name="explain", short_help="show why an action is decided as it is")
@paths_argument
@click.option("-i", "--input", "name", metavar="FILE|-", required=True, help="An action as JSON, or JSON Lines.")
@format_option
def command(paths: tuple[str, ...], name: str, form: str) -> Exit:
    """Show why actions are decided as they are: every rule that the action's name does not exclude, its
    conditions with the values they saw, and the nearest change to another decision.

    PATHS are rule files and folders, a project's folder, or a policy saved by `assentry build`; without
    any, the configured rules.

    \b
    Example:
      assentry explain rules --input action.json
      assentry explain rules --input action.json --format json | jq .nearest
    """
    from assentry.cli import explanations, failure
    from assentry.cli.page import Page
    from assentry.cli.reading import Read, read_actions
    from assentry.cli.rules import open_policy, places

    policy = open_policy(places(paths))
    page = Page()
    failed = False
    for number, item in enumerate(read_actions(name)):
        if not isinstance(item, Read):
            failure.known(item)
            failed = True
            continue
        explanation = policy.explain(item.value).to_dict()
        if form == "json":
            document = {"version": 1, "input": item.place, **explanation}
            click.echo(json.dumps(document, ensure_ascii=False, indent=2 if item.alone else None))
            continue
        if number:
            page.line()
        explanations.block(page, item.place, item.value, explanation)
    return Exit.ERROR if failed else Exit.FINE
