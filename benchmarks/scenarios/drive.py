"""Documents in folders, after the scenario `gdrive` of Cutler et al., "Cedar" (OOPSLA 2024).

Whoever a document or a folder above it has been shown to, themselves or by a group, reads it; anybody reads a public
one. An owner of the document or of a folder above reads, writes and shares it; only the document's own owner gives it
away; only a folder's own owner puts documents into it.
"""

from __future__ import annotations

import random

from scenarios.world import Request, Uid, World, numbered, reference, request, schema, some, text

CEDAR = """
permit (principal, action == Action::"read", resource) when { resource in principal.shown };
permit (principal, action == Action::"read", resource) when { resource.public };
permit (principal, action in [Action::"read", Action::"write", Action::"share"], resource)
when { resource in principal.documents || resource in principal.folders };
permit (principal, action == Action::"give", resource) when { principal.documents.contains(resource) };
permit (principal, action == Action::"create", resource) when { principal.folders.contains(resource) };
"""

ASSENT = """
package drive

owner if has(resource.within) && sets.intersects(subject.documents, resource.within)
owner if has(resource.within) && sets.intersects(subject.folders, resource.within)

allow shown if {
    action.name == "read"
    has(resource.within)
    subject.shown in resource.within
}
allow public if {
    action.name == "read"
    has(resource.public)
    resource.public
}
allow owned if {
    action.name in ["read", "write", "share"]
    owner
}
allow give if {
    action.name == "give"
    resource.id in subject.documents
}
allow create if {
    action.name == "create"
    resource.id in subject.folders
}
"""

_STRINGS = {"type": "array", "items": {"type": "string"}}
SCHEMA = schema(
    {"shown": {"type": "string"}, "documents": _STRINGS, "folders": _STRINGS},
    {"within": _STRINGS, "public": {"type": "boolean"}},
)
_ACTIONS = ["read", "read", "write", "share", "give", "create"]
CHANCE = 0.05
"""That any two entities are connected where they can be."""


def world(size: int, seed: int) -> World:
    """So many users, groups, folders and documents."""
    pick, made = random.Random(seed), World()
    users, groups = list(numbered("User", size)), list(numbered("Group", size))
    documents, folders = list(numbered("Document", size)), list(numbered("Folder", size))
    # What is shown to somebody lies in their view; a group's view lies in the views of its members.
    views = {user: made.add(("View", user[1])) for user in users}
    for group in groups:
        members = some(pick, users, CHANCE)
        views[group] = made.add(("View", group[1]), [views[user] for user in members])
        made.add(group)
    for user in users:
        made.add(
            user,
            shown=reference(views[user]),
            documents=list(map(reference, some(pick, documents, CHANCE))),
            folders=list(map(reference, some(pick, folders, CHANCE))),
        )
    for number, folder in enumerate(folders):
        above = some(pick, folders[:number], CHANCE)
        made.add(folder, above + some(pick, list(views.values()), CHANCE / 4))
    for document in documents:
        above = some(pick, folders, CHANCE)
        made.add(document, above + some(pick, list(views.values()), CHANCE / 4), public=pick.random() < 0.3)
    return made


def requests(made: World, count: int, seed: int) -> list[Request]:
    """Requests on documents and folders; every second one about something that its subject owns, if anything."""
    pick = random.Random(seed)
    kinds = {kind: [uid for uid in made.attributes if uid[0] == kind] for kind in ("User", "Document", "Folder")}
    found = []
    for number in range(count):
        user, name = pick.choice(kinds["User"]), pick.choice(_ACTIONS)
        attributes = made.attributes[user]
        owned = attributes["folders" if name == "create" else "documents"]
        if number % 2 and owned:
            resource = _uid(pick.choice(owned))
        else:
            resource = pick.choice(kinds["Folder" if name == "create" else "Document"])
        subject = {
            "shown": text(_uid(attributes["shown"])),
            "documents": [text(_uid(one)) for one in attributes["documents"]],
            "folders": [text(_uid(one)) for one in attributes["folders"]],
        }
        thing = {"within": made.within(resource), **made.attributes[resource]}
        found.append(request(made, user, name, resource, subject, thing))
    return found


def _uid(value: dict[str, dict[str, str]]) -> Uid:
    return value["__entity"]["type"], value["__entity"]["id"]
