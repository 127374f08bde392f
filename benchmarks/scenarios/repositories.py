"""Source code repositories, after the scenario `github` of Cutler et al., "Cedar" (OOPSLA 2024).

Five actions, each of which includes those before it: read, triage, write, maintain, admin. A repository has a
permission for each, and people and teams belong to permissions, teams to teams. An organisation that owns the
repository has permissions to read, write and administer of its own.
"""

from __future__ import annotations

import random
from typing import Any

from scenarios.world import Request, World, numbered, reference, request, schema, some, text

LEVELS = ["read", "triage", "write", "maintain", "admin"]
OF_OWNER = ["read", "write", "admin"]

_ACTION = {"read": '== Action::"read"', **{level: f'in Action::"{level}"' for level in LEVELS[1:]}}
CEDAR = "\n".join(
    [
        *(
            f"permit (principal, action {_ACTION[it]}, resource) when {{ principal in resource.may_{it} }};"
            for it in LEVELS
        ),
        *(
            f"permit (principal, action {_ACTION[it]}, resource) when {{ principal in resource.owner.may_{it} }};"
            for it in OF_OWNER
        ),
    ]
)

ASSENT = """
package repositories

allow read if { action.name == "read"; has(resource.may_read); resource.may_read in subject.within }
allow triage if { action.name in ["read", "triage"]; has(resource.may_triage); resource.may_triage in subject.within }
allow write if {
    action.name in ["read", "triage", "write"]
    has(resource.may_write)
    resource.may_write in subject.within
}
allow maintain if {
    action.name in ["read", "triage", "write", "maintain"]
    has(resource.may_maintain)
    resource.may_maintain in subject.within
}
allow admin if {
    action.name in ["read", "triage", "write", "maintain", "admin"]
    has(resource.may_admin)
    resource.may_admin in subject.within
}
allow owner_read if { action.name == "read"; has(resource.owner); resource.owner.may_read in subject.within }
allow owner_write if {
    action.name in ["read", "triage", "write"]
    has(resource.owner)
    resource.owner.may_write in subject.within
}
allow owner_admin if {
    action.name in ["read", "triage", "write", "maintain", "admin"]
    has(resource.owner)
    resource.owner.may_admin in subject.within
}
"""

_STRING = {"type": "string"}
SCHEMA = schema(
    {"within": {"type": "array", "items": _STRING}},
    {
        **{f"may_{level}": _STRING for level in LEVELS},
        "owner": {
            "type": "object",
            "properties": {f"may_{level}": _STRING for level in OF_OWNER},
            "required": [f"may_{level}" for level in OF_OWNER],
        },
    },
)
CHANCE = 0.05
"""That any two entities are connected where they can be."""


def world(size: int, seed: int) -> World:
    """So many people, teams, organisations and repositories."""
    pick, made = random.Random(seed), World()
    for level, above in zip(LEVELS, [*LEVELS[1:], None], strict=True):
        made.add(("Action", level), [("Action", above)] if above else [])
    organisations, repositories = list(numbered("Organisation", size)), list(numbered("Repository", size))
    granted = []
    for owner in (*organisations, *repositories):
        levels = OF_OWNER if owner[0] == "Organisation" else LEVELS
        permissions = {f"may_{level}": made.add(("Permission", f"{owner[1]}-{level}")) for level in levels}
        granted.append(list(permissions.values()))
        attributes: dict[str, Any] = {name: reference(permission) for name, permission in permissions.items()}
        if owner[0] == "Repository":
            attributes["owner"] = reference(pick.choice(organisations))
        made.add(owner, [], **attributes)
    teams = list(numbered("Team", size))
    for number, team in enumerate(teams):
        made.add(
            team, some(pick, teams[:number], CHANCE) + [pick.choice(of) for of in granted if pick.random() < CHANCE]
        )
    for user in numbered("User", size):
        made.add(user, some(pick, teams, CHANCE) + [pick.choice(of) for of in granted if pick.random() < CHANCE])
    return made


def requests(made: World, count: int, seed: int) -> list[Request]:
    """Requests on repositories; every second one on one that the subject has some permission for, if any."""
    pick = random.Random(seed)
    users = [uid for uid in made.attributes if uid[0] == "User"]
    repositories = [uid for uid in made.attributes if uid[0] == "Repository"]
    known = {uid: made.within(uid) for uid in users}
    found = []
    for number in range(count):
        user, name = pick.choice(users), pick.choice(LEVELS)
        permitted = {one.partition(":")[2].rpartition("-")[0] for one in known[user] if one.startswith("Permission:")}
        mine = [uid for uid in repositories if uid[1] in permitted]
        resource = pick.choice(mine if number % 2 and mine else repositories)
        attributes = made.attributes[resource]
        owner = made.attributes["Organisation", attributes["owner"]["__entity"]["id"]]
        thing = {
            **{f"may_{level}": _text(attributes[f"may_{level}"]) for level in LEVELS},
            "owner": {f"may_{level}": _text(owner[f"may_{level}"]) for level in OF_OWNER},
        }
        found.append(request(made, user, name, resource, {"within": known[user]}, thing))
    return found


def _text(value: dict[str, dict[str, str]]) -> str:
    return text((value["__entity"]["type"], value["__entity"]["id"]))
