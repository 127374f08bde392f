"""Replacing a policy while decisions run: every verdict is that of one policy, whole."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import monotonic

from assentry import LivePolicy, load_sources
from tests.support import forms

POLICIES = [
    load_sources({"a.assent": f'package a\n{effect} it if action.name == "data.export" with {{ title: "{effect}" }}\n'})
    for effect in ("allow", "deny")
]


def test_a_replaced_policy_decides_no_more() -> None:
    live = LivePolicy(POLICIES[0])
    assert live.decide(forms.action()).allowed
    assert live.replace(POLICIES[1]) is POLICIES[0]
    assert live.policy is POLICIES[1]
    assert not live.decide(forms.action()).allowed


def test_every_verdict_is_of_one_policy() -> None:
    live, done = LivePolicy(POLICIES[0]), Event()
    expected = {policy.digest: policy.decide(forms.action()).to_dict() for policy in POLICIES}
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    met: set[str] = set()

    def decided() -> None:
        while not done.is_set():
            verdict = live.decide(forms.action()).to_dict()
            assert verdict == expected[str(verdict["policy"])]
            met.add(str(verdict["policy"]))

    try:
        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(decided) for _ in range(4)]
            turn, end = 0, monotonic() + 60
            while monotonic() < end and (turn < 3000 or met != expected.keys()):
                live.replace(POLICIES[turn % 2]).prepare()
                turn += 1
            done.set()
            for each in running:
                each.result()
        assert met == expected.keys()
    finally:
        done.set()
        sys.setswitchinterval(interval)
