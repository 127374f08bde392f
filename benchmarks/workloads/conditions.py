"""Thirty conditions as people write them, inputs for them, and each written by hand in Python.

They come from where CEL is used: cluster admission, access to services, export of data, deployment windows,
payments. Each hand-written function makes the checks that the declared types ask for: a value of another type, an
integer beyond 64 bits or a missing key raises, whatever the answer would have been.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

Row = dict[str, Any]
Hand = Callable[[Row], bool]

ROWS = 64
_LOW, _HIGH = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its text, the types of its variables, a maker of JSON-able inputs, and its hand-written twin."""

    name: str
    text: str
    types: Mapping[str, str]
    make: Callable[[Random], Row]
    by_hand: Hand

    def rows(self) -> list[Row]:
        """Inputs as JSON brings them, always the same."""
        random = Random(self.name)
        return [json.loads(json.dumps(self.make(random))) for _ in range(ROWS)]


class Unfit(Exception):
    """A value is not what its type says."""


# ---- the checks that hand-written code makes ----


def _strings(value: object) -> list[str]:
    if type(value) is not list:
        raise Unfit
    for item in value:
        if type(item) is not str:
            raise Unfit
    return value


def _int(value: object) -> int:
    if type(value) is not int or not _LOW <= value <= _HIGH:
        raise Unfit
    return value


# ---- flat variables ----


def _export(b: Row) -> bool:
    name, rows = b["name"], b["rows"]
    if type(name) is not str or type(rows) is not int or not _LOW <= rows <= _HIGH:
        raise Unfit
    return name == "data.export" and rows > 10000


def _owner(b: Row) -> bool:
    owner, user = b["owner"], b["user"]
    if type(owner) is not str or type(user) is not str:
        raise Unfit
    return owner == user or user.startswith("admin-")


_READS = frozenset({"data.read", "data.list", "data.head"})


def _reads(b: Row) -> bool:
    name = b["name"]
    if type(name) is not str:
        raise Unfit
    return name in _READS


def _secret(b: Row) -> bool:
    external = b["external"]
    if type(external) is not bool:
        raise Unfit
    return "secret" in _strings(b["labels"]) and external


_SENSITIVE = frozenset({"pii", "phi", "secret"})


def _sensitive(b: Row) -> bool:
    return not _SENSITIVE.isdisjoint(_strings(b["labels"]))


def _all_internal(b: Row) -> bool:
    hosts = _strings(b["hosts"])
    return all(host.endswith(".internal.example") for host in hosts)


def _budget(b: Row) -> bool:
    spent, amount, limit = b["spent"], b["amount"], b["limit"]
    if type(spent) is not float or type(amount) is not float or type(limit) is not float:
        raise Unfit
    return spent + amount <= limit


def _quota(b: Row) -> bool:
    used, asked, limit = _int(b["used"]), _int(b["asked"]), _int(b["limit"])
    total = used + asked
    if not _LOW <= total <= _HIGH:
        raise OverflowError
    return total <= limit and asked > 0


def _method(b: Row) -> bool:
    method, path = b["method"], b["path"]
    if type(method) is not str or type(path) is not str:
        raise Unfit
    return method == "GET" and path.startswith("/api/v1/") and "/../" not in path


def _roles(b: Row) -> bool:
    roles, mine = _strings(b["roles"]), _strings(b["mine"])
    return any(role in roles for role in mine)


def _size(b: Row) -> bool:
    name = b["name"]
    if type(name) is not str:
        raise Unfit
    return len(name) <= 63 and len(name) > 0


def _approved(b: Row) -> bool:
    approvers = _strings(b["approvers"])
    author = b["author"]
    if type(author) is not str:
        raise Unfit
    return len(approvers) >= 2 and author not in approvers


def _window(b: Row) -> bool:
    hour, day, urgent = _int(b["hour"]), _int(b["day"]), b["urgent"]
    if type(urgent) is not bool:
        raise Unfit
    return urgent or (9 <= hour < 17 and day not in {0, 6})


def _tier(b: Row) -> bool:
    tier, rate = b["tier"], _int(b["rate"])
    if type(tier) is not str:
        raise Unfit
    return rate <= (1000 if tier == "gold" else 100)


def _ports(b: Row) -> bool:
    ports = b["ports"]
    if type(ports) is not list:
        raise Unfit
    for port in ports:
        if type(port) is not int or not _LOW <= port <= _HIGH:
            raise Unfit
    return all(port > 0 and port < 1024 for port in ports)


# ---- maps with declared contents ----


def _env(b: Row) -> bool:
    labels = b["labels"]
    if type(labels) is not dict:
        raise Unfit
    for key, value in labels.items():
        if type(key) is not str or type(value) is not str:
            raise Unfit
    return "env" in labels and labels["env"] == "prod"


def _required_labels(b: Row) -> bool:
    labels = b["labels"]
    if type(labels) is not dict:
        raise Unfit
    for key, value in labels.items():
        if type(key) is not str or type(value) is not str:
            raise Unfit
    return all(key in labels for key in ("app", "team", "env"))


# ---- documents ----


def _map(value: object) -> dict[str, Any]:
    if type(value) is not dict:
        raise Unfit
    return value


def _group(b: Row) -> bool:
    group = _map(_map(_map(b["request"])["auth"])["claims"])["group"]
    return type(group) is str and group == "admin"


def _replicas(b: Row) -> bool:
    replicas = _map(_map(b["object"])["spec"])["replicas"]
    if type(replicas) is not int or not _LOW <= replicas <= _HIGH:
        raise Unfit
    return replicas <= 5


def _image(b: Row) -> bool:
    containers = _map(_map(b["object"])["spec"])["containers"]
    if type(containers) is not list:
        raise Unfit
    for container in containers:
        image = _map(container)["image"]
        if type(image) is not str:
            raise Unfit
        if not image.startswith("registry.example/"):
            return False
    return True


def _privileged(b: Row) -> bool:
    containers = _map(_map(b["object"])["spec"])["containers"]
    if type(containers) is not list:
        raise Unfit
    for container in containers:
        held = _map(container)
        if "securityContext" in held:
            context = _map(held["securityContext"])
            if "privileged" in context:
                privileged = context["privileged"]
                if type(privileged) is not bool:
                    raise Unfit
                if privileged:
                    return False
    return True


def _host_network(b: Row) -> bool:
    spec = _map(_map(b["object"])["spec"])
    if "hostNetwork" not in spec:
        return True
    network = spec["hostNetwork"]
    if type(network) is not bool:
        raise Unfit
    return not network


def _action(b: Row) -> bool:
    action = _map(b["action"])
    name = action["name"]
    if not (type(name) is str and name == "data.export"):
        return False
    if "destination" not in action:
        return False
    external = _map(action["destination"])["external"]
    if type(external) is not bool:
        raise Unfit
    return external


def _destination(b: Row) -> bool:
    action = _map(b["action"])
    destination = action.get("destination")
    account = "" if destination is None else _map(destination).get("account", "")
    return type(account) is str and account in {"acct-1", "acct-2", "acct-3"}


def _labelled(b: Row) -> bool:
    labels = _map(b["resource"])["labels"]
    if type(labels) is not list:
        raise Unfit
    return "pii" in labels or "phi" in labels


def _rows(b: Row) -> bool:
    action = _map(b["action"])
    if "rows" not in action:
        return False
    rows = action["rows"]
    if type(rows) is not int or not _LOW <= rows <= _HIGH:
        raise Unfit
    return rows > 100000


def _same_region(b: Row) -> bool:
    subject, resource = _map(b["subject"]), _map(b["resource"])
    mine, its = subject["region"], resource["region"]
    if type(mine) is not str or type(its) is not str:
        raise Unfit
    return mine == its


def _owned(b: Row) -> bool:
    subject, resource = _map(b["subject"]), _map(b["resource"])
    identity, owner = subject["id"], resource["owner"]
    if type(identity) is not str or type(owner) is not str:
        raise Unfit
    if identity == owner:
        return True
    groups = subject["groups"]
    if type(groups) is not list:
        raise Unfit
    return resource["group"] in groups


def _chain(b: Row) -> bool:
    chain = _map(b["subject"])["on_behalf_of"]
    if type(chain) is not list:
        raise Unfit
    for link in chain:
        kind = _map(link)["type"]
        if type(kind) is str and kind == "human":
            return True
    return False


def _payment(b: Row) -> bool:
    payment = _map(b["payment"])
    amount, currency = payment["amount"], payment["currency"]
    if type(amount) is not float or type(currency) is not str:
        raise Unfit
    return currency == "EUR" and amount > 0.0 and amount < 5000.0


# ---- inputs ----


def _pick(random: Random, *choices: Any) -> Any:
    return random.choice(choices)


def _some(random: Random, words: str, most: int = 5) -> list[str]:
    known = words.split()
    return random.sample(known, random.randrange(min(most, len(known)) + 1))


_LABELS = "pii phi secret public internal finance hr legal"


def _pod(random: Random) -> Row:
    def container() -> Row:
        made: Row = {
            "name": "main",
            "image": f"{_pick(random, *['registry.example'] * 9, 'docker.io')}/app:1.{random.randrange(9)}",
        }
        if random.random() < 0.5:
            made["securityContext"] = {"runAsNonRoot": True} | (
                {"privileged": random.random() < 0.2} if random.random() < 0.5 else {}
            )
        return made

    spec: Row = {"replicas": random.randrange(1, 9), "containers": [container() for _ in range(random.randrange(1, 4))]}
    if random.random() < 0.4:
        spec["hostNetwork"] = random.random() < 0.5
    meta = {"name": "web", "namespace": "shop", "labels": {"app": "web", "team": "shop"}}
    return {"object": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}}


def _request(random: Random) -> Row:
    claims = {
        "iss": "https://id.example",
        "sub": "ann",
        "group": _pick(random, "admin", "dev", "ops"),
        "exp": 1763632800,
    }
    headers = {"host": "api.example", "user-agent": "curl/8", "accept": "*/*"}
    auth = {"principal": "ann", "claims": claims}
    return {"request": {"auth": auth, "method": "GET", "path": "/api/v1/users", "headers": headers, "size": 512}}


def _document(random: Random) -> Row:
    action: Row = {"name": _pick(random, "data.export", "data.read")}
    if random.random() < 0.7:
        action["rows"] = _pick(random, 12, 5000, 200000)
    if random.random() < 0.7:
        action["destination"] = {"kind": "bucket", "external": random.random() < 0.5} | (
            {"account": f"acct-{random.randrange(6)}"} if random.random() < 0.7 else {}
        )
    people = [{"type": _pick(random, "agent", "service", "human"), "id": "x"} for _ in range(random.randrange(4))]
    subject = {
        "type": "agent",
        "id": _pick(random, "ann", "bob"),
        "region": _pick(random, "eu", "us"),
        "on_behalf_of": people,
    }
    subject["groups"] = _some(random, "eng ops legal hr")
    resource = {"type": "table", "id": "crm.people", "labels": _some(random, _LABELS), "owner": "ann", "region": "eu"}
    resource["group"] = _pick(random, "eng", "ops")
    return {"action": action, "subject": subject, "resource": resource}


def _only(name: str, make: Callable[[Random], Row]) -> Callable[[Random], Row]:
    names = name.split()
    return lambda random: {key: value for key, value in make(random).items() if key in names}


_DOC = "map(string, dyn)"
_TWO = {"subject": _DOC, "resource": _DOC}


def conditions() -> Sequence[Condition]:
    """All thirty: fifteen of flat variables, two of maps with declared contents, thirteen of whole documents."""
    return [*_flat(), *_maps(), *_documents()]


def _flat() -> list[Condition]:
    text, texts = "string", "list(string)"
    return [
        Condition("export", "name == 'data.export' && rows > 10000", {"name": text, "rows": "int"},
            lambda r: {"name": _pick(r, "data.export", "data.read"), "rows": r.randrange(20000)}, _export),
        Condition("owner", "owner == user || user.startsWith('admin-')", {"owner": text, "user": text},
            lambda r: {"owner": "ann", "user": _pick(r, "ann", "bob", "admin-eve")}, _owner),
        Condition("reads", "name in ['data.read', 'data.list', 'data.head']", {"name": text},
            lambda r: {"name": _pick(r, "data.read", "data.head", "data.export")}, _reads),
        Condition("secret leaves", "'secret' in labels && external", {"labels": texts, "external": "bool"},
            lambda r: {"labels": _some(r, _LABELS), "external": r.random() < 0.5}, _secret),
        Condition("sensitive", "labels.exists(l, l in ['pii', 'phi', 'secret'])", {"labels": texts},
            lambda r: {"labels": _some(r, _LABELS)}, _sensitive),
        Condition("all internal", "hosts.all(h, h.endsWith('.internal.example'))", {"hosts": texts},
            lambda r: {"hosts": [f"h{n}.{_pick(r, 'internal', 'internal', 'internal', 'out')}.example" for n in range(4)]}, _all_internal),
        Condition("budget", "spent + amount <= limit", {"spent": "double", "amount": "double", "limit": "double"},
            lambda r: {"spent": r.random() * 100, "amount": r.random() * 50, "limit": 100.5}, _budget),
        Condition("quota", "used + asked <= limit && asked > 0", {"used": "int", "asked": "int", "limit": "int"},
            lambda r: {"used": r.randrange(100), "asked": r.randrange(40), "limit": 100}, _quota),
        Condition("method and path", "method == 'GET' && path.startsWith('/api/v1/') && !path.contains('/../')",
            {"method": text, "path": text},
            lambda r: {"method": _pick(r, "GET", "GET", "POST"), "path": _pick(r, "/api/v1/users", "/api/v1/../x", "/admin")}, _method),
        Condition("roles", "mine.exists(m, m in roles)", {"mine": texts, "roles": texts},
            lambda r: {"mine": _some(r, "dev ops hr legal", 3), "roles": ["admin", "ops", "auditor"]}, _roles),
        Condition("name's length", "size(name) <= 63 && size(name) > 0", {"name": text},
            lambda r: {"name": "n" * r.randrange(90)}, _size),
        Condition("two approvers", "size(approvers) >= 2 && !(author in approvers)", {"approvers": texts, "author": text},
            lambda r: {"approvers": _some(r, "ann bob eve dan", 3), "author": "ann"}, _approved),
        Condition("window", "urgent || (hour >= 9 && hour < 17 && day != 0 && day != 6)",
            {"urgent": "bool", "hour": "int", "day": "int"},
            lambda r: {"urgent": r.random() < 0.2, "hour": r.randrange(24), "day": r.randrange(7)}, _window),
        Condition("tier", "rate <= (tier == 'gold' ? 1000 : 100)", {"rate": "int", "tier": text},
            lambda r: {"rate": r.randrange(2000), "tier": _pick(r, "gold", "free")}, _tier),
        Condition("ports", "ports.all(p, p > 0 && p < 1024)", {"ports": "list(int)"},
            lambda r: {"ports": [r.choice((80, 443, 22, 8080)) for _ in range(r.randrange(5))]}, _ports),
    ]  # fmt: skip


def _maps() -> list[Condition]:
    texts = {"labels": "map(string, string)"}
    return [
        Condition("production", "has(labels.env) && labels.env == 'prod'", texts,
            lambda r: {"labels": {"app": "web", "team": "shop"} | ({"env": _pick(r, "prod", "test")} if r.random() < 0.8 else {})}, _env),
        Condition("required labels", "['app', 'team', 'env'].all(k, k in labels)", texts,
            lambda r: {"labels": dict.fromkeys(_some(r, "app team env tier", 4) or ["app"], "x")}, _required_labels),
    ]  # fmt: skip


def _documents() -> list[Condition]:
    pod, document = {"object": _DOC}, {"action": _DOC}
    return [
        Condition("group claim", "request.auth.claims.group == 'admin'", {"request": _DOC}, _request, _group),
        Condition("replicas", "object.spec.replicas <= 5", pod, _pod, _replicas),
        Condition("images", "object.spec.containers.all(c, c.image.startsWith('registry.example/'))", pod, _pod, _image),
        Condition("privileged", "object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged)"
            " || c.securityContext.privileged == false)", pod, _pod, _privileged),
        Condition("host network", "!has(object.spec.hostNetwork) || object.spec.hostNetwork == false", pod, _pod, _host_network),
        Condition("export outside", "action.name == 'data.export' && has(action.destination) && action.destination.external == true",
            document, _only("action", _document), _action),
        Condition("known account", "(has(action.destination) && has(action.destination.account)"
            " ? action.destination.account : '') in ['acct-1', 'acct-2', 'acct-3']", document, _only("action", _document), _destination),
        Condition("labels of resource", "'pii' in resource.labels || 'phi' in resource.labels", {"resource": _DOC},
            _only("resource", _document), _labelled),
        Condition("many rows", "has(action.rows) && action.rows > 100000", document, _only("action", _document), _rows),
        Condition("same region", "subject.region == resource.region", _TWO, _only("subject resource", _document), _same_region),
        Condition("owner or group", "resource.owner == subject.id || resource.group in subject.groups", _TWO,
            _only("subject resource", _document), _owned),
        Condition("on behalf of", "subject.on_behalf_of.exists(link, link.type == 'human')", {"subject": _DOC},
            _only("subject", _document), _chain),
        Condition("payment", "payment.currency == 'EUR' && payment.amount > 0.0 && payment.amount < 5000.0", {"payment": _DOC},
            lambda r: {"payment": {"id": "p1", "amount": r.random() * 8000, "currency": _pick(r, "EUR", "USD"), "to": "x"}}, _payment),
    ]  # fmt: skip
