"""Cedar through cedarpy, its Rust engine as a Python extension. The action's fields are the request's context."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from versus.peer import InProcess, Said, imported, package_version
from versus.texts import cedar
from workloads.reference import Action, answer
from workloads.rulesets import Rule


def make(rules: Sequence[Rule], actions: Sequence[Action], _folder: Path) -> InProcess:
    version = package_version("cedarpy")
    cedarpy = imported("cedarpy")
    policies = cedarpy.PolicySet.from_str(cedar(rules))
    entities = cedarpy.Entities.from_json_str("[]")
    effects = {rule.name: rule.effect for rule in rules}

    def decide(action: Action) -> Said:
        subject, resource = action["subject"], action["resource"]
        request = {
            "principal": {"type": subject["type"], "id": subject["id"]},
            "action": {"type": "Action", "id": action["action"]["name"]},
            "resource": {"type": resource["type"], "id": resource["id"]},
            "context": action,
        }
        result = cedarpy.is_authorized(request, policies, entities)
        names = result.diagnostics.id_annotations_by_reason.values()
        if result.allowed:
            return answer((), (), names)
        held = [name for name in names if effects[name] == "require_approval"]
        return answer([name for name in names if effects[name] == "deny"], held, ())

    return InProcess(decide, actions, version)
