"""Lists of tasks, after the scenario `tinytodo` of Cutler et al., "Cedar" (OOPSLA 2024).

Anybody makes lists and sees which are theirs; the owner of a list does with it as they like; its readers and editors,
which are teams, see it, and its editors change it and its tasks.
"""

from __future__ import annotations

import random
from typing import Any

from scenarios.world import Request, Uid, World, numbered, reference, request, schema, some, text

CEDAR = """
permit (principal, action in [Action::"create_list", Action::"get_lists"], resource == Application::"todo");
permit (principal, action, resource) when { resource has owner && resource.owner == principal };
permit (principal, action == Action::"get_list", resource)
when { principal in resource.readers || principal in resource.editors };
permit (
    principal,
    action in [Action::"update_list", Action::"create_task", Action::"update_task", Action::"delete_task"],
    resource
) when { principal in resource.editors };
"""

ASSENT = """
package todo

editor if has(resource.editors) && resource.editors in subject.within
reader if has(resource.readers) && resource.readers in subject.within

allow own_lists if {
    action.name in ["create_list", "get_lists"]
    resource.id == "Application:todo"
}
allow owner if {
    has(resource.owner)
    resource.owner == subject.id
}
allow see if {
    action.name == "get_list"
    reader || editor
}
allow edit if {
    action.name in ["update_list", "create_task", "update_task", "delete_task"]
    editor
}
"""

_STRING = {"type": "string"}
SCHEMA = schema(
    {"within": {"type": "array", "items": _STRING}},
    {
        "owner": _STRING,
        "name": _STRING,
        "readers": _STRING,
        "editors": _STRING,
        "tasks": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "name": _STRING, "done": {"type": "boolean"}},
            },
        },
    },
)
_ON_LISTS = ["get_list", "update_list", "delete_list", "create_task", "update_task", "delete_task", "share"]
_ON_ALL = ["create_list", "get_lists"]
_ALL: Uid = ("Application", "todo")
CHANCE = 0.05
"""That any two entities are connected where they can be."""


def world(size: int, seed: int) -> World:
    """So many users, teams and lists."""
    pick, made = random.Random(seed), World()
    made.add(_ALL)
    teams, users = list(numbered("Team", size)), list(numbered("User", size))
    for number, team in enumerate(teams):
        made.add(team, [*some(pick, teams[:number], CHANCE), _ALL])
    for user in users:
        made.add(user, [*some(pick, teams, CHANCE), pick.choice(teams), _ALL])
    for one in numbered("List", size):
        tasks = [
            {"id": number, "name": f"task {number}", "done": pick.random() < 0.5}
            for number in range(pick.randrange(50))
        ]
        made.add(
            one,
            [_ALL],
            owner=reference(pick.choice(users)),
            readers=reference(pick.choice(teams)),
            editors=reference(pick.choice(teams)),
            name=one[1],
            tasks=tasks,
        )
    return made


def requests(made: World, count: int, seed: int) -> list[Request]:
    """Requests on lists and, each fifth one, on all of them; every second one on a list that the subject has to do with."""
    pick = random.Random(seed)
    users = [uid for uid in made.attributes if uid[0] == "User"]
    lists = {uid: _flat(made.attributes[uid]) for uid in made.attributes if uid[0] == "List"}
    known = {uid: made.within(uid) for uid in users}
    found = []
    for number in range(count):
        user = pick.choice(users)
        mine = [
            uid
            for uid, one in lists.items()
            if one["owner"] == text(user) or one["readers"] in known[user] or one["editors"] in known[user]
        ]
        if number % 5 == 0:
            resource, name, thing = _ALL, pick.choice(_ON_ALL), {}
        else:
            resource, name = pick.choice(mine if number % 2 and mine else list(lists)), pick.choice(_ON_LISTS)
            thing = lists[resource]
        found.append(request(made, user, name, resource, {"within": known[user]}, thing))
    return found


def _flat(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes with other entities as texts."""
    return {
        name: text((value["__entity"]["type"], value["__entity"]["id"])) if "__entity" in value else value
        for name, value in attributes.items()
    }
