"""What is read from its line when it is first looked at is the tuple that was saved, or an error of its rule."""

from __future__ import annotations

import gc
import inspect
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assentry.code import form
from assentry.code.codec import Bounds
from assentry.code.pause import collector_paused
from assentry.code.save import from_bytes, load_form, save_form, sealed, to_bytes
from assentry.code.trees import LaterConditions, LaterReason
from assentry.errors import FormatError
from assentry.evaluator.policy import Policy
from assentry.source import Span
from tests.support import forms

CONDITIONS = (forms.named("x"), forms.over("action.rows"))
REASON = ("of ", forms.raw("subject.id"))
HEAD = Span(3, 9)


def saved() -> tuple[form.Form, form.Form]:
    made = forms.rule_set(forms.rule("r", "deny", *CONDITIONS, reason=REASON), definitions=[forms.definition("d", [])])
    return made, from_bytes(to_bytes(made))


def later(line: bytes, count: int = 1) -> LaterConditions:
    return LaterConditions(line, Bounds(forms.SHAPES, 1, 0), HEAD, count)


def test_they_are_tuples_to_whoever_looks() -> None:
    made, loaded = saved()
    conditions = loaded.rules[0].conditions
    assert isinstance(conditions, LaterConditions)
    assert isinstance(loaded.rules[0].reason, LaterReason)
    assert conditions == CONDITIONS
    assert CONDITIONS == conditions  # noqa: SIM300  # a tuple leaves the answer to the other side
    assert conditions == later(to_bytes(made).splitlines()[-2], 2)
    assert conditions != CONDITIONS[:1]
    assert conditions != list(CONDITIONS)
    assert hash(conditions) == hash(CONDITIONS)
    assert repr(conditions) == repr(CONDITIONS)
    assert (len(conditions), conditions[1], conditions[-1:]) == (2, CONDITIONS[1], CONDITIONS[1:])
    assert [*conditions, *loaded.rules[0].reason] == [*CONDITIONS, *REASON]
    assert loaded == made
    assert hash(loaded.rules[0]) == hash(made.rules[0])
    assert not loaded.definitions[0].heads[0].conditions


def test_nothing_is_read_before_it_is_looked_at() -> None:
    conditions = later(b"hello", 2)
    assert len(conditions) == 2
    with pytest.raises(FormatError, match="not JSON"):
        conditions.read()
    assert conditions == (form.Unreadable(HEAD), form.Unreadable(HEAD))


def test_a_line_of_another_number_of_conditions_is_none() -> None:
    good = to_bytes(saved()[0]).splitlines()[-2]
    for count in (0, 1, 3):
        assert later(good, count) == (form.Unreadable(HEAD),) * count
    assert later(good, 2) == CONDITIONS


def test_what_a_full_stack_could_not_read_is_read_later() -> None:
    deep: form.Expr = forms.lit(True)
    for _ in range(150):
        deep = form.Not(forms.HERE, deep)
    loaded = from_bytes(to_bytes(forms.rule_set(forms.rule("r", "deny", deep))))
    conditions = loaded.rules[0].conditions

    def at_the_end(frames: int) -> object:
        return at_the_end(frames - 1) if frames else conditions[0]

    room = sys.getrecursionlimit() - len(inspect.stack(0))
    assert at_the_end(room - 100) == form.Unreadable(forms.HERE)
    assert conditions[0] == deep


def test_many_threads_look_at_once() -> None:
    _, loaded = saved()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: tuple(loaded.rules[0].conditions), range(200))) == {CONDITIONS}


def test_a_loaded_policy_is_saved_as_it_was(tmp_path: Path) -> None:
    made, loaded = saved()
    save_form(loaded, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == to_bytes(made)
    with pytest.raises(FormatError, match="cannot be saved"):
        to_bytes(forms.rule_set(forms.rule("r", "deny", form.Unreadable(HEAD))))


def test_a_whole_file_is_checked_when_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "policy"
    made = forms.rule_set(*(forms.rule(f"r{n}", "deny", forms.named(str(n))) for n in range(3)))
    save_form(made, file)
    assert load_form(file, deep=True) == made
    _, *lines = file.read_bytes().splitlines()
    file.write_bytes(sealed([*lines[:-1], b"[5]"]))
    assert Policy(load_form(file)).decide_interpreted(forms.action()).errors
    with pytest.raises(FormatError, match=r"`.*policy` is not a saved policy"):
        load_form(file, deep=True)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_as_it_was(enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with collector_paused():
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
        with pytest.raises(FormatError):
            from_bytes(b"")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
