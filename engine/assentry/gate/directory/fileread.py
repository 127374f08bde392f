"""A directory as a YAML file.

    people:
      ann: {name: Ann Example, accounts: [ann@example.org]}
      bob: {active: false}
    services: [ci-bot]
    groups:
      data-protection: {members: [ann], groups: [etl], escalates_to: {role: ciso}, after: 30m}
    roles:
      ciso: {members: [cyd]}
    owners:
      etl-7: [etl]
    deputies:
      - {for: ann, by: [cyd], from: 2026-12-01T00:00:00Z, until: 2026-12-24T00:00:00Z}

Everything that is wrong with a file is reported at once, each at its place.
"""

from __future__ import annotations

from collections.abc import Mapping

from assentry.approvals.directory import Escalation
from assentry.approvals.memory import Delegation
from assentry.approvals.terms import Who
from assentry.diagnostics import sort_key
from assentry.errors import CompileError
from assentry.gate.directory.filetext import Named, Text
from assentry.gate.directory.names import drawn, normal
from assentry.gate.directory.records import Person, Records, Team
from assentry.yamlfile import YamlFile, YamlNode

PARTS = ("people", "services", "groups", "roles", "owners", "deputies")
_TEAM = ("members", "groups", "roles", "escalates_to", "after")


def read_directory(file: YamlFile, *, alone: bool = True) -> Records:
    """The records in a file. One that stands `alone` knows everybody whom it names; beside other sources it need not.

    Raises CompileError with every finding.
    """
    reader = _Reader(Text(file.source), alone)
    records = reader.read(file.root)
    if reader.text.findings:
        raise CompileError(sorted(dict.fromkeys(reader.text.findings), key=sort_key))
    return records


class _Reader:
    def __init__(self, text: Text, alone: bool) -> None:
        self.text = text
        self.alone = alone
        self.accounts: dict[str, tuple[str, Named]] = {}
        self.looks: dict[str, tuple[str, Named]] = {}
        self.teams: dict[Who, Named] = {}
        self.services: dict[str, Named] = {}

    def read(self, root: YamlNode) -> Records:
        parts = self.text.table(root, "a directory", PARTS)
        people = tuple(
            self.person(name, node) for name, node in self.named(parts.get("people"), "`people`", "a person")
        )
        if self.alone and not people:
            advice = "a file that is about to be written looks like this: write a new one and rename it"
            self.text.find("directory-form", "there is nobody in this directory", root.span, advice)
        self.services = {normal(each.text): each for each in self.text.names(parts.get("services"), "`services`")}
        groups = self.named(parts.get("groups"), "`groups`", "a group")
        roles = self.named(parts.get("roles"), "`roles`", "a role")
        self.teams = {Who("group", name.text): name for name, _ in groups}
        self.teams |= {Who("role", name.text): name for name, _ in roles}
        self.no_service_is_a_person()
        self.no_group_is_a_person()
        self.no_group_is_another()
        rows = [(Who("group", name.text), node) for name, node in groups]
        rows += [(Who("role", name.text), node) for name, node in roles]
        tables = {who: self.text.table(node, f"`{who.name}`", _TEAM) for who, node in rows}
        return Records(
            people,
            {who: self.team(who, table) for who, table in tables.items()},
            self.owners(parts.get("owners")),
            frozenset(self.services),
            self.deputies(parts.get("deputies")),
            {who: found for who, table in tables.items() if (found := self.escalation(who, table)) is not None},
        )

    def named(self, node: YamlNode | None, what: str, each: str) -> list[tuple[Named, YamlNode]]:
        """The entries of a map whose keys are names."""
        entries = self.text.entries(node, what)
        return [(name, value) for name, value in entries if self.text.checked(name) is not None]

    # ---- people ----

    def person(self, name: Named, node: YamlNode) -> Person:
        table = self.text.table(node, f"`{name.text}`", ("name", "accounts", "active"))
        accounts = self.text.names(table.get("accounts"), "`accounts`")
        for account in (name, *accounts):
            self.claim(name.text, account)
        return Person(
            name.text,
            frozenset(account.text for account in accounts),
            self.text.flag(table.get("active"), "`active`", default=True),
            self.text.label(table.get("name"), "`name`"),
        )

    def claim(self, person: str, account: Named) -> None:
        """An account is one person's, and looks like nobody else's."""
        owner, first = self.accounts.setdefault(normal(account.text), (person, account))
        if owner != person:
            message = f"the account `{account.text}` belongs to two people, `{owner}` and `{person}`"
            advice = "one human is one entry under `people`, with all accounts in it"
            self.text.find("directory-twice", message, account.span, advice, first.span)
            return
        owner, first = self.looks.setdefault(drawn(account.text), (person, account))
        if owner != person:
            message = f"`{account.text}` of `{person}` looks like `{first.text}` of `{owner}`"
            advice = "they are two accounts; readers cannot tell them apart, so give one another name"
            self.text.find("directory-twice", message, account.span, advice, first.span)

    def no_service_is_a_person(self) -> None:
        for account, name in self.services.items():
            if account in self.accounts:
                message = f"`{name.text}` is a service and an account of `{self.accounts[account][0]}`"
                self.text.find("directory-twice", message, name.span, None, self.accounts[account][1].span)

    def no_group_is_a_person(self) -> None:
        """Owners are accounts and groups, so one name cannot be both."""
        for who, name in self.teams.items():
            known = self.accounts.get(normal(name.text))
            if who.selector == "group" and known is not None:
                message = f"`{name.text}` is a group and an account of `{known[0]}`"
                self.text.find("directory-twice", message, name.span, None, known[1].span)

    def no_group_is_another(self) -> None:
        """Two spellings of one address are one name."""
        seen: dict[Who, Named] = {}
        for who, name in self.teams.items():
            first = seen.setdefault(Who(who.selector, normal(name.text)), name)
            if first is not name:
                message = f"`{name.text}` is the {who.selector} `{first.text}` again"
                self.text.find("directory-twice", message, name.span, None, first.span)

    # ---- teams ----

    def team(self, who: Who, table: Mapping[str, YamlNode]) -> Team:
        members = self.text.names(table.get("members"), "`members`")
        for member in members:
            self.known_account(member)
        groups = [Who("group", each.text) for each in self.known_teams(table.get("groups"), "group")]
        roles = [Who("role", each.text) for each in self.known_teams(table.get("roles"), "role")]
        return Team(frozenset(each.text for each in members), frozenset({*groups, *roles}))

    def known_account(self, name: Named) -> None:
        if normal(name.text) in self.accounts or not self.alone:
            return
        if Who("group", name.text) in self.teams:
            message = f"`{name.text}` is a group, not a person"
            self.text.find("directory-unknown", message, name.span, "write groups in groups under `groups:`")
            return
        self.text.unknown("person", name, self.accounts)

    def known_teams(self, node: YamlNode | None, selector: str) -> list[Named]:
        names = self.text.names(node, f"`{selector}s`")
        known = [who.name for who in self.teams if who.selector == selector]
        for name in names:
            if name.text not in known and self.alone:
                self.text.unknown(selector, name, known)
        return names

    def escalation(self, who: Who, table: Mapping[str, YamlNode]) -> Escalation | None:
        to, after = table.get("escalates_to"), table.get("after")
        if to is None or after is None:
            for node, other in ((to, "after"), (after, "escalates_to")):
                if node is not None:
                    self.text.find("directory-key", f"`{who.name}` needs the key `{other}`, too", node.span)
            return None
        wider = self.selected(to)
        waits = self.text.duration(after, "`after`")
        if wider == who:
            self.text.find("directory-form", f"`{who.name}` escalates to itself", to.span)
        return None if wider is None or waits is None else Escalation(wider, waits)

    def selected(self, node: YamlNode) -> Who | None:
        """`{group: NAME}` or `{role: NAME}`."""
        table = self.text.table(node, "`escalates_to`", ("group", "role"))
        if len(table) != 1:
            self.text.find("directory-form", "`escalates_to` names one group or one role", node.span,
                           "write `escalates_to: {role: ciso}`")  # fmt: skip
            return None
        for selector in ("group", "role"):
            name = self.text.name(table.get(selector), f"`{selector}`")
            if name is not None:
                who = Who("group" if selector == "group" else "role", name.text)
                if who not in self.teams and self.alone:
                    self.text.unknown(selector, name, [each.name for each in self.teams if each.selector == selector])
                return who
        return None

    # ---- owners and deputies ----

    def owners(self, node: YamlNode | None) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        entries = self.named(node, "`owners`", "an agent")
        owned = {normal(name.text) for name, _ in entries}
        for name, value in entries:
            if normal(name.text) in self.accounts:
                person, first = self.accounts[normal(name.text)]
                message = f"`{name.text}` has owners, and is an account of `{person}`"
                advice = "agents, services and resources have owners; people do not"
                self.text.find("directory-twice", message, name.span, advice, first.span)
            owners = self.text.names(value, f"the owners of `{name.text}`")
            if not owners:
                self.text.find("directory-form", f"`{name.text}` has no owner here", value.span)
            for owner in owners:
                self.known_owner(owner, owned)
            found[name.text] = frozenset(each.text for each in owners)
        return found

    def known_owner(self, owner: Named, owned: set[str]) -> None:
        account = normal(owner.text)
        if account in self.accounts or account in owned or account in self.services or not self.alone:
            return
        if Who("group", owner.text) not in self.teams:
            groups = [who.name for who in self.teams if who.selector == "group"]
            self.text.unknown("person or group", owner, [*self.accounts, *groups])

    def deputies(self, node: YamlNode | None) -> dict[str, tuple[Delegation, ...]]:
        found: dict[str, tuple[Delegation, ...]] = {}
        for item in self.text.items(node, "`deputies`"):
            table = self.text.table(item, "a deputy", ("for", "by", "from", "until"))
            missing = [key for key in ("for", "by", "from", "until") if key not in table]
            if missing:
                self.text.find("directory-key", f"a deputy needs the key `{missing[0]}`", item.span)
                continue
            person = self.text.name(table["for"], "`for`")
            if person is not None:
                found[person.text] = found.get(person.text, ()) + self.delegations(person, table)
        return found

    def delegations(self, person: Named, table: Mapping[str, YamlNode]) -> tuple[Delegation, ...]:
        self.known_account(person)
        start, stop = self.text.moment(table["from"], "`from`"), self.text.moment(table["until"], "`until`")
        if start is not None and stop is not None and stop <= start:
            self.text.find("directory-time", "`until` is not after `from`", table["until"].span)
        accounts = self.text.names(table["by"], "`by`")
        for account in accounts:
            self.known_account(account)
            if self.accounts.get(normal(account.text)) is not None and self.one(account) == self.one(person):
                self.text.find("directory-form", f"`{account.text}` is `{person.text}`", account.span)
        return tuple(Delegation(each.text, start, stop) for each in accounts if start is not None and stop is not None)

    def one(self, account: Named) -> str | None:
        known = self.accounts.get(normal(account.text))
        return None if known is None else known[0]
