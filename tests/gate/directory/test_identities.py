"""Who is one person: explicit accounts only, and whoever could be two people is nobody."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from assentry.gate.directory.identities import identify
from assentry.gate.directory.names import drawn, normal, usable
from assentry.gate.directory.records import Person


def person(id: str, *accounts: str, active: bool = True) -> Person:
    return Person(id, frozenset(accounts), active)


def persons(*sources: Sequence[Person], services: Sequence[str] = ()) -> dict[str, str]:
    return identify(sources, services).persons


def test_addresses_are_compared_without_the_case_of_ascii_letters_and_nothing_else_is_folded() -> None:
    assert normal("Ann.Example@EXAMPLE.org") == "ann.example@example.org"
    assert normal("cafe\u0301@x.org") == normal("caf\u00e9@x.org")
    for left, right in (
        ("Ann", "ann"),
        ("аnn@x.org", "ann@x.org"),
        ("ａnn@x.org", "ann@x.org"),
        ("ﬁona@x.org", "fiona@x.org"),
        ("straße@x.org", "strasse@x.org"),
        ("ſam@x.org", "sam@x.org"),
        ("https://id.example#A@x.org", "https://id.example#a@x.org"),
    ):
        assert normal(left) != normal(right)


def test_what_looks_alike_stays_two_and_is_reported() -> None:
    found = identify([[person("ann@x.org"), person("аnn@x.org"), person("ａnn@x.org")]], [])
    assert len(set(found.persons.values())) == 3
    assert len(found.findings) == 2
    assert all("looks like" in text for text in found.findings)


@given(st.text(max_size=20))
def test_folding_is_done_once(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    assert drawn(drawn(text)).casefold() is not None


def test_invisible_names_are_no_names() -> None:
    for name in ("", " ", " a", "a\u00a0b", "a\u200bb", "a\nb", "\u202ea", "a\ud800", "x" * 1025):
        assert not usable(name), name
    for name in ("a", "a b", "Ünal", "李", "a@b", "https://x#y"):
        assert usable(name), name


def test_a_later_source_adds_accounts_to_who_is_known() -> None:
    assert persons([person("ann", "a@x")], [person("1", "A@x", "phone")]) == dict.fromkeys(
        ("ann", "a@x", "1", "phone"), "ann"
    )


def test_two_users_that_the_first_source_calls_one_are_one() -> None:
    found = persons([person("ann", "a@x", "admin-a@x")], [person("1", "a@x"), person("2", "admin-a@x")])
    assert set(found.values()) == {"ann"}
    assert {"1", "2"} <= found.keys()


def test_who_takes_somebody_elses_address_makes_nobody_of_both() -> None:
    for order in permutations([person("1", "ann@x"), person("2", "bob@x", "ann@x"), person("3", "cyd@x")]):
        assert set(persons(order).values()) == {"3"}


def test_a_user_cannot_become_somebody_by_adding_that_ones_address() -> None:
    known = [person("ann", "ann@x")]
    found = persons(known, [person("1", "ann@x"), person("2", "mallory", "ann@x")])
    assert found.get("mallory") is found.get("2") is None
    assert "ann@x" not in found, "two claim it, so it names nobody"
    assert found["ann"] == "ann", "what only the first source says still stands"


def test_who_would_join_two_people_makes_nobody_of_all_three() -> None:
    found = persons([person("ann", "a@x"), person("bob", "b@x"), person("cyd")], [person("1", "a@x", "b@x")])
    assert found == {"cyd": "cyd"}


def test_inactive_anywhere_is_inactive() -> None:
    assert persons([person("ann", "a@x")], [person("1", "a@x", active=False)]) == {}
    assert persons([person("ann", "a@x", active=False)], [person("1", "a@x")]) == {}


def test_services_are_nobody_whatever_else_says_so() -> None:
    assert persons([person("ann")], [person("1", "Bot@x"), person("2", "dan")], services=["bot@x"]) == {
        "ann": "ann",
        "2": "2",
        "dan": "2",
    }


NAMES = st.sampled_from(["a", "b", "c", "d", "e", "A@x", "a@x", "b@x"])
SOURCES = st.lists(st.lists(st.tuples(NAMES, st.frozensets(NAMES, max_size=3), st.booleans()), max_size=4), max_size=3)


@given(SOURCES, st.frozensets(NAMES, max_size=2), st.randoms())
def test_the_order_within_a_source_changes_nothing_and_services_are_nobody(sources, services, random) -> None:  # type: ignore[no-untyped-def]
    rows = [[Person(id, accounts, active) for id, accounts, active in source] for source in sources]
    found = identify(rows, services).persons
    for row in rows:
        random.shuffle(row)
    assert identify(rows, services).persons == found
    assert not {normal(name) for name in services} & found.keys()
    for source in rows:
        for account, one in found.items():
            claiming = [each for each in source if account in {normal(each.id), *map(normal, each.accounts)}]
            assert len(claiming) <= 1, "an account that two of one source claim is nobody's"
            assert all(each.active for each in claiming), (account, one)


@given(SOURCES)
def test_two_accounts_of_one_record_are_never_two_people(sources) -> None:  # type: ignore[no-untyped-def]
    rows = [[Person(id, accounts, active) for id, accounts, active in source] for source in sources]
    found = identify(rows, []).persons
    for each in (each for row in rows for each in row):
        assert len({found[name] for name in map(normal, {each.id, *each.accounts}) if name in found}) <= 1
