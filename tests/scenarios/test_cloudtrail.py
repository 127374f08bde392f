"""A recorded attack on a cloud account, technique by technique, against the rule pack.

The records are of Stratus Red Team's techniques, run in July 2023. Where a technique of theirs is not among
the records at hand, a record of our own stands in for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import assentry
from assentry.errors import InputError
from assentry.evaluator.policy import Policy
from assentry.evaluator.verdict import Verdict
from assentry.ingest.cloudtrail import to_action
from tests.support.trail import needs_recorded, read, record, recorded, written

ROOT = Path(__file__).parents[2]
OTHER = "999900001111"
TELLING = {
    "aws.secretsmanager.GetSecretValue",
    "aws.ec2.GetPasswordData",
    "aws.ssm.GetParameter",
    "aws.ssm.GetParameters",
}


class Decided(NamedTuple):
    action: Mapping[str, Any]
    verdict: Verdict

    @property
    def name(self) -> str:
        return str(self.action["action"]["name"])

    @property
    def rules(self) -> set[str]:
        return {rule.id for rule in self.verdict.rules}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return assentry.load(ROOT / "rules")


@pytest.fixture(scope="module")
def attack(policy: Policy) -> list[Decided]:
    return [Decided(action, policy.decide(action)) for action in recorded()]


# ---- the whole recording ----


@needs_recorded
def test_every_record_is_decided_without_an_error(attack: list[Decided]) -> None:
    assert len(attack) == 1233
    assert [decided.name for decided in attack if decided.verdict.errors] == []


@needs_recorded
def test_plain_reads_are_allowed(attack: list[Decided]) -> None:
    plain = re.compile(r"aws\.[a-z0-9-]+\.(Describe|List|Get)")
    reads = [
        decided
        for decided in attack
        if plain.match(decided.name)
        and decided.name not in TELLING
        and decided.action["action"].get("fields") != ["userData"]
    ]
    assert len(reads) > 850
    assert [decided.name for decided in reads if decided.verdict.decision != "allow"] == []


@needs_recorded
def test_nothing_that_changes_something_slips_through_unnamed(attack: list[Decided]) -> None:
    """Each change is allowed, held or refused by a rule that says why; the default has to decide none."""
    assert [decided.name for decided in attack if not decided.verdict.rules] == []
    allowed = Counter(
        decided.name
        for decided in attack
        if decided.verdict.decision == "allow" and not decided.action["action"]["read_only"]
    )
    assert set(allowed) == {
        # switching logs on, taking access away, tagging, machines that report, the platform's own upkeep
        "aws.cloudtrail.CreateTrail", "aws.cloudtrail.StartLogging", "aws.ec2.CreateFlowLogs", "aws.logs.CreateLogGroup",
        "aws.iam.DeleteAccessKey", "aws.iam.DeleteLoginProfile", "aws.iam.DetachUserPolicy", "aws.iam.DetachRolePolicy",
        "aws.iam.DeleteRolePolicy", "aws.lambda.RemovePermission", "aws.ec2.RevokeSecurityGroupIngress",
        "aws.s3.PutBucketTagging", "aws.ssm.PutComplianceItems", "aws.ssm.PutInventory",
        "aws.ssm.UpdateInstanceAssociationStatus", "aws.ssm.UpdateInstanceInformation", "aws.ec2.DeleteNetworkInterface",
    }  # fmt: skip


@needs_recorded
def test_controls_of_every_stop_are_named(attack: list[Decided]) -> None:
    stopped = [decided for decided in attack if decided.verdict.decision != "allow"]
    assert all(decided.verdict.controls for decided in stopped)


# ---- technique by technique, as recorded ----

RECORDED_TECHNIQUES = [
    # technique, event, how many, decision, rule, control
    ("stop a trail", "aws.cloudtrail.StopLogging", 2, "deny", "aws.logs_off", "A.8.15"),
    ("delete a trail", "aws.cloudtrail.DeleteTrail", 2, "deny", "aws.logs_off", "A.8.15"),
    ("blind a trail by its selectors", "aws.cloudtrail.PutEventSelectors", 1, "require_approval", "aws.logs_changed", "A.8.15"),
    ("let the trail's bucket forget", "aws.s3.PutBucketLifecycle", 1, "require_approval", "aws.lifecycle", "A.8.15"),
    ("delete the group of the flow logs", "aws.logs.DeleteLogGroup", 1, "deny", "aws.logs_off", "A.5.28"),
    ("leave the organisation", "aws.organizations.LeaveOrganization", 1, "deny", "aws.organization_left", "A.5.23"),
    ("share a snapshot outside", "aws.rds.ModifyDBSnapshotAttribute", 1, "deny", "aws.shared_outside", "A.8.12"),
    ("read secrets out", "aws.secretsmanager.GetSecretValue", 14, "require_approval", "aws.secret_read", "A.5.17"),
    ("read parameters out", "aws.ssm.GetParameter", 28, "require_approval", "aws.parameter_read", "A.5.17"),
    ("read parameters out in one go", "aws.ssm.GetParameters", 1, "require_approval", "aws.parameter_read", "A.5.17"),
    ("ask for administrator passwords", "aws.ec2.GetPasswordData", 5, "require_approval", "aws.password_data", "A.8.2"),
    ("run commands on machines", "aws.ssm.SendCommand", 1, "require_approval", "aws.remote_command", "A.8.18"),
    ("overwrite a function's code", "aws.lambda.UpdateFunctionCode", 1, "require_approval", "aws.function_change", "A.8.32"),
    ("vouch for identities from anywhere", "aws.rolesanywhere.CreateProfile", 1, "require_approval", "aws.outside_identities", "A.8.2"),
    ("make a role that others may take on", "aws.iam.CreateRole", 5, "require_approval", "aws.trust_change", "A.8.2"),
    ("attach policies", "aws.iam.AttachRolePolicy", 2, "require_approval", "aws.policy_change", "A.5.18"),
    ("write policies into roles", "aws.iam.PutRolePolicy", 3, "require_approval", "aws.policy_change", "A.5.15"),
    ("sign in with a made login profile", "aws.signin.ConsoleLogin", 1, "deny", "aws.sign_in_without_second_factor", "A.8.5"),
    ("open a security group to the world", "aws.ec2.AuthorizeSecurityGroupEgress", 1, "require_approval", "aws.open_to_world", "A.8.20"),
    ("make a way to the internet", "aws.ec2.CreateRoute", 1, "require_approval", "aws.open_to_world", "A.8.22"),
    ("start machines", "aws.ec2.RunInstances", 5, "require_approval", "aws.instance_change", "A.8.32"),
    ("delete secrets for good", "aws.secretsmanager.DeleteSecret", 10, "deny", "aws.secret_destroyed", "A.8.24"),
    ("delete a snapshot", "aws.rds.DeleteDBSnapshot", 1, "require_approval", "aws.deletion", "A.8.13"),
    ("run a database unencrypted", "aws.rds.CreateDBInstance", 1, "deny", "aws.unencrypted_storage", "A.8.24"),
]  # fmt: skip


@needs_recorded
@pytest.mark.parametrize(
    ("event", "count", "decision", "rule", "control"),
    [technique[1:] for technique in RECORDED_TECHNIQUES],
    ids=[technique[0] for technique in RECORDED_TECHNIQUES],
)
def test_a_recorded_technique_is_caught(
    attack: list[Decided], event: str, count: int, decision: str, rule: str, control: str
) -> None:
    records = [decided for decided in attack if decided.name == event]
    assert len(records) == count
    assert {decided.verdict.decision for decided in records} == {decision}
    assert all(rule in decided.rules for decided in records)
    assert all(control in decided.verdict.controls for decided in records)


@needs_recorded
def test_the_user_data_of_machines_is_not_read_unseen(attack: list[Decided]) -> None:
    records = [decided for decided in attack if decided.action["action"].get("fields") == ["userData"]]
    assert len(records) == 17
    assert all(decided.rules == {"aws.user_data_read"} for decided in records)


@needs_recorded
def test_a_database_goes_with_a_last_snapshot_or_not_at_all(attack: list[Decided]) -> None:
    records = [decided.verdict.decision for decided in attack if decided.name == "aws.rds.DeleteDBInstance"]
    assert sorted(records) == ["deny", "require_approval"]


# ---- techniques that the recording at hand does not show ----


def trust(account: str) -> str:
    return f'{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "{account}"}}, "Action": "sts:AssumeRole"}}]}}'


WORLD = {
    "items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]
}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READER = "arn:aws:iam::aws:policy/ReadOnlyAccess"

OTHER_TECHNIQUES = [
    # technique, event, parameters, decision, rule, control
    ("a security group opened to the world", "ec2.AuthorizeSecurityGroupIngress", {"groupId": "sg-1", "ipPermissions": WORLD},
     "deny", "aws.administration_open_to_world", "A.8.20"),
    ("an access key for another user", "iam.CreateAccessKey", {"userName": "lena"},
     "require_approval", "aws.credential_for_another", "A.5.17"),
    ("a login profile for another user", "iam.CreateLoginProfile", {"userName": "lena", "passwordResetRequired": False},
     "require_approval", "aws.credential_for_another", "A.8.5"),
    ("another user's password", "iam.UpdateLoginProfile", {"userName": "lena"},
     "require_approval", "aws.credential_for_another", "A.5.16"),
    ("a new administrator", "iam.AttachUserPolicy", {"userName": "lena", "policyArn": ADMINISTRATOR},
     "require_approval", "aws.administrator_policy", "A.8.2"),
    ("a role that trusts a stranger", "iam.UpdateAssumeRolePolicy", {"roleName": "r", "policyDocument": trust(OTHER)},
     "deny", "aws.trust_outside", "A.5.19"),
    ("a disk's snapshot for a stranger", "ec2.ModifySnapshotAttribute",
     {"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": [{"userId": OTHER}]}}},
     "deny", "aws.shared_outside", "A.8.13"),
    ("an image for everybody", "ec2.ModifyImageAttribute",
     {"imageId": "ami-1", "launchPermission": {"add": {"items": [{"group": "all"}]}}},
     "deny", "aws.shared_outside", "A.8.12"),
    ("a bucket for everybody", "s3.PutBucketPolicy",
     {"bucketName": "b", "bucketPolicy": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}},
     "deny", "aws.opened_outside", "A.8.3"),
    ("a function for everybody", "lambda.AddPermission20150331v2", {"functionName": "f", "principal": "*"},
     "deny", "aws.opened_outside", "A.5.15"),
    ("flow logs deleted", "ec2.DeleteFlowLogs", {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}},
     "deny", "aws.logs_off", "A.8.15"),
    ("a detector deleted", "guardduty.DeleteDetector", {"detectorId": "d"}, "deny", "aws.detection_off", "A.8.16"),
    ("a second factor taken off", "iam.DeactivateMFADevice", {"userName": "lena"},
     "require_approval", "aws.second_factor_off", "A.8.5"),
    ("a hundred machines at once", "ec2.RunInstances", {"instancesSet": {"items": [{"maxCount": 100}]}},
     "deny", "aws.many_instances", "A.8.6"),
    ("a serial console", "ec2-instance-connect.SendSerialConsoleSSHPublicKey", {"instanceId": "i-1"},
     "require_approval", "aws.remote_command", "A.8.18"),
    ("a key on its way out", "kms.ScheduleKeyDeletion", {"keyId": "k"}, "require_approval", "aws.key_retired", "A.8.24"),
    ("one's own key", "iam.CreateAccessKey", None, "allow", "aws.own_credential_renewed", "A.5.17"),
    ("an ordinary policy", "iam.AttachUserPolicy", {"userName": "lena", "policyArn": READER},
     "require_approval", "aws.policy_change", "A.5.18"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "parameters", "decision", "rule", "control"),
    [technique[1:] for technique in OTHER_TECHNIQUES],
    ids=[technique[0] for technique in OTHER_TECHNIQUES],
)
def test_a_technique_is_caught(
    policy: Policy, event: str, parameters: object, decision: str, rule: str, control: str
) -> None:
    verdict = policy.decide(to_action(record(event, parameters)))
    assert verdict.errors == ()
    assert verdict.decision == decision
    assert rule in {fired.id for fired in verdict.rules}
    assert control in verdict.controls


# ---- files ----


def test_a_bad_record_in_the_middle_costs_no_other(policy: Policy, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        record("cloudtrail.StopLogging", {"name": "t"}),
        {"no": "record"},
        record("iam.ListUsers", readOnly=True),
    )
    decided = [None if isinstance(action, InputError) else policy.decide(action).decision for _, action in read(path)]
    assert decided == ["deny", None, "allow"]
