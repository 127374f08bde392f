"""Group commit: nobody waits for company, company gathers, leadership goes on in order, and no one is left behind."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from assentry.errors import LedgerError, LedgerUnavailable, LedgerUnknown
from assentry.ledger.entry import Item, Receipt
from assentry.ledger.group import Group, Ticket


class Line:
    """A log that is a list; `gate` holds commits back, `trouble` is raised by the next one."""

    def __init__(self) -> None:
        self.commits: list[list[int]] = []
        self.threads: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Semaphore(0)
        self.trouble: BaseException | None = None
        self.refuse: LedgerError | None = None

    def commit(self, tickets: Sequence[Ticket]) -> None:
        self.begun.release()
        self.gate.wait(10)
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        asking = [ticket for ticket in tickets if ticket.items or ticket.job]
        if self.refuse is not None and asking:
            for ticket in asking:
                ticket.error = self.refuse
            return
        if not asking:
            return
        self.threads.append(threading.current_thread().name)
        self.commits.append([number for ticket in asking for number in numbers(ticket)])
        for ticket in asking:
            ticket.error = None
            ticket.results = [Receipt(number, 0, b"") for number in numbers(ticket)]


def numbers(ticket: Ticket) -> list[int]:
    return [int(item.body) for item in ticket.items if isinstance(item.body, bytes)]


def ticket(*values: int) -> Ticket:
    return Ticket([Item(str(value).encode()) for value in values])


def queued(group: Group, number: int) -> None:
    until(lambda: len(group._queue) == number)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def start(group: Group, one: Ticket, name: str) -> threading.Thread:
    thread = threading.Thread(target=group.run, args=(one,), name=name)
    thread.start()
    return thread


def test_an_idle_caller_commits_at_once_in_its_own_thread() -> None:
    line = Line()
    group = Group(line.commit)
    assert [result.index for result in group.run(ticket(1)).outcome() if isinstance(result, Receipt)] == [1]
    assert (line.commits, line.threads) == ([[1]], [threading.current_thread().name])


def test_company_gathers_during_a_commit_and_the_first_of_it_leads() -> None:
    line = Line()
    group = Group(line.commit)
    line.gate.clear()
    threads = [start(group, ticket(0), "first")]
    line.begun.acquire()
    for number in range(1, 6):
        threads.append(start(group, ticket(number), f"t{number}"))
        queued(group, number)
    line.gate.set()
    for thread in threads:
        thread.join(10)
    assert line.commits == [[0], [1, 2, 3, 4, 5]]
    assert line.threads == ["first", "t1"]


def test_a_commit_has_a_limit_and_leadership_goes_on_in_order() -> None:
    line = Line()
    group = Group(line.commit, limit=3)
    line.gate.clear()
    threads = [start(group, ticket(0), "t0")]
    line.begun.acquire()
    for number in range(1, 8):
        threads.append(start(group, ticket(number), f"t{number}"))
        queued(group, number)
    line.gate.set()
    for thread in threads:
        thread.join(10)
    assert line.commits == [[0], [1, 2, 3], [4, 5, 6], [7]]
    assert line.threads == ["t0", "t1", "t4", "t7"]


def test_a_call_larger_than_the_limit_goes_whole() -> None:
    line = Line()
    group = Group(line.commit, limit=3)
    group.run(ticket(*range(10)))
    assert line.commits == [list(range(10))]


def test_a_job_goes_alone() -> None:
    line = Line()
    group = Group(line.commit)
    line.gate.clear()
    threads = [start(group, ticket(0), "t0")]
    line.begun.acquire()
    for number, one in enumerate((ticket(1), Ticket(job=lambda batch: None), ticket(2))):
        threads.append(start(group, one, f"t{number + 1}"))
        queued(group, number + 1)
    line.gate.set()
    for thread in threads:
        thread.join(10)
    assert line.commits == [[0], [1], [], [2]]


def test_what_was_deferred_goes_first() -> None:
    line = Line()
    group = Group(line.commit, patience=60)
    group.defer(ticket(1))
    group.defer(ticket(2))
    group.run(ticket(3))
    assert line.commits == [[1, 2, 3]]


def test_what_was_deferred_goes_by_itself_when_nobody_comes() -> None:
    line = Line()
    group = Group(line.commit, patience=0.001)
    group.defer(ticket(1))
    until(lambda: line.commits == [[1]])
    group.close()


def test_what_was_deferred_rides_as_long_as_commits_come_by() -> None:
    line = Line()
    group = Group(line.commit, patience=0.25)
    end = time.monotonic() + 0.7
    while time.monotonic() < end:
        group.run(ticket(2))
        group.defer(ticket(1))
        time.sleep(0.001)
    assert {tuple(commit) for commit in line.commits} == {(2,), (1, 2)}
    group.close()


def test_what_went_back_aboard_is_tried_again_without_another_call() -> None:
    line = Line()
    group = Group(line.commit, patience=0.001)
    line.refuse = LedgerUnavailable("the disk is full")
    group.defer(ticket(1))
    line.gate.clear()
    leader = start(group, ticket(2), "leader")
    line.begun.acquire()
    time.sleep(0.02)  # the flusher finds nothing aboard, or queues behind the leader
    line.gate.set()
    leader.join(10)
    line.refuse = None
    until(lambda: line.commits == [[1]])
    group.close()


def test_what_was_deferred_stays_while_there_is_no_database() -> None:
    line = Line()
    group = Group(line.commit, patience=0.001)
    line.refuse = LedgerUnavailable("the disk is full")
    group.defer(ticket(1))
    group.defer(ticket(2))
    with pytest.raises(LedgerUnavailable):
        group.run(ticket(3)).outcome()
    time.sleep(0.02)
    line.refuse = None
    until(lambda: bool(line.commits))
    assert line.commits == [[1, 2]]
    group.close()


def test_what_was_deferred_and_cannot_be_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    line = Line()
    group = Group(line.commit, patience=60)
    line.refuse = LedgerUnknown("nobody knows")
    group.defer(ticket(1))
    group.run(ticket(2))
    assert "deferred entries were not appended: LedgerUnknown" in caplog.text
    line.refuse = None
    group.run(ticket(3))
    assert line.commits == [[3]]


def test_closing_commits_what_was_deferred() -> None:
    line = Line()
    group = Group(line.commit, patience=60)
    group.defer(ticket(1))
    group.close()
    group.close()
    assert line.commits == [[1]]
    with pytest.raises(LedgerUnavailable, match="closed"):
        group.run(ticket(2))


def test_closing_says_when_it_could_not() -> None:
    line = Line()
    group = Group(line.commit, patience=60)
    group.defer(ticket(1))
    line.refuse = LedgerUnavailable("the disk is full")
    with pytest.raises(LedgerUnavailable, match="full"):
        group.close()


def test_an_interrupted_leader_leaves_nobody_waiting() -> None:
    line = Line()
    group = Group(line.commit)
    line.gate.clear()
    caught: list[BaseException] = []

    def lead() -> None:
        try:
            group.run(ticket(0))
        except KeyboardInterrupt as interrupt:
            caught.append(interrupt)

    leader = threading.Thread(target=lead)
    leader.start()
    line.begun.acquire()
    follower = ticket(1)
    thread = start(group, follower, "follower")
    queued(group, 1)
    line.trouble = KeyboardInterrupt()
    line.gate.set()
    for one in (leader, thread):
        one.join(10)
        assert not one.is_alive()
    assert (len(caught), line.commits) == (1, [[1]])
    assert group.run(ticket(2)).outcome()


def test_company_of_an_interrupted_commit_learns_that_its_outcome_is_open() -> None:
    line = Line()
    group = Group(line.commit)
    company = ticket(2)
    group._queue.append(company)  # as if it had come in just before the commit
    line.trouble = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        group.run(ticket(1))
    with pytest.raises(LedgerUnknown, match="interrupted"):
        company.outcome()
    assert company.done


def test_behind_a_fork_the_ledger_has_to_be_opened_again() -> None:
    group = Group(Line().commit)
    child = os.fork()
    if child == 0:
        try:
            group.run(ticket(1))
        except LedgerError as error:
            os._exit(0 if "behind the fork" in str(error) else 1)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
