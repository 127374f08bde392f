"""The mapping from CloudTrail records to action documents, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from assentry import schemas
from assentry.errors import InputError
from assentry.ingest import SOURCES
from assentry.ingest.cloudtrail import to_action
from tests.support.trail import needs_recorded, read, record, recorded, written

SCHEMA = Draft202012Validator(json.loads(schemas.text("action")))
OTHER = "999900001111"


def action(event: str, parameters: object = None, **changes: object) -> dict[str, Any]:
    """The `action` of the document that a record gives, held against the schema."""
    document: dict[str, Any] = to_action(record(event, parameters, **changes))
    SCHEMA.validate(document)
    acted: dict[str, Any] = document["action"]
    return acted


def trust(principal: object, **more: object) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_one_record_as_a_whole() -> None:
    parameters = {"userName": "lena", "path": None}
    document = to_action(record("iam.CreateAccessKey", parameters, errorCode="AccessDenied"))
    assert document == {
        "subject": {
            "type": "user",
            "id": "omar",
            "account": "111122223333",
            "mfa": False,
            "credential": {"kind": "access-key", "id": "AKIAEXAMPLE", "long_lived": True},
        },
        "action": {
            "name": "aws.iam.CreateAccessKey",
            "tool": {"name": "aws.iam", "server": "iam.amazonaws.com"},
            "read_only": False,
            "target": {"type": "user", "id": "lena", "account": "111122223333"},
            "parameters": {"userName": "lena"},
        },
        "resource": {
            "type": "AWS::IAM::User",
            "id": "lena",
            "account": "111122223333",
            "region": "eu-central-1",
        },
        "context": {
            "time": "2026-11-20T12:00:00Z",
            "ip": "93.184.215.14",
            "network": "internet",
            "region": "eu-central-1",
            "request_id": "e-1",
            "outcome": "failure",
            "error": "AccessDenied",
        },
    }
    SCHEMA.validate(document)


# ---- who ----

ROLE = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::111122223333:assumed-role/deployer/run-7",
    "accountId": "111122223333",
    "accessKeyId": "ASIAEXAMPLE",
    "sessionContext": {
        "sessionIssuer": {"userName": "deployer", "accountId": "111122223333"},
        "attributes": {"creationDate": "2026-11-20T11:00:00Z", "mfaAuthenticated": "true"},
    },
}


def who(identity: Mapping[str, object], **changes: object) -> dict[str, Any]:
    document = to_action(record("iam.GetUser", userIdentity=identity, **changes))
    SCHEMA.validate(document)
    subject: dict[str, Any] = document["subject"]  # type: ignore[assignment]
    return subject


def test_an_assumed_role_names_its_session_and_acts_for_the_role() -> None:
    assert who(ROLE) == {
        "type": "role",
        "id": "deployer/run-7",
        "account": "111122223333",
        "roles": ["deployer"],
        "on_behalf_of": [{"type": "role", "id": "deployer", "account": "111122223333"}],
        "mfa": True,
        "session": {"id": "ASIAEXAMPLE", "started": "2026-11-20T11:00:00Z", "kind": "api"},
        "credential": {"kind": "access-key", "id": "ASIAEXAMPLE", "long_lived": False},
    }


def test_whoever_first_asked_is_in_the_chain() -> None:
    session = {**ROLE["sessionContext"], "sourceIdentity": "lena"}  # type: ignore[dict-item]
    assert who({**ROLE, "sessionContext": session})["on_behalf_of"][1] == {"type": "user", "id": "lena"}


def test_a_service_that_acts_for_somebody_is_the_subject_and_says_for_whom() -> None:
    subject = who(
        {"type": "IAMUser", "userName": "omar", "accountId": "1", "invokedBy": "secretsmanager.amazonaws.com"}
    )
    assert subject == {
        "type": "service",
        "id": "secretsmanager.amazonaws.com",
        "on_behalf_of": [{"type": "user", "id": "omar", "account": "1"}],
    }


@pytest.mark.parametrize(
    ("identity", "kind", "name"),
    [
        ({"type": "Root", "accountId": "1", "arn": "arn:aws:iam::1:root"}, "root", "root"),
        ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, "service", "ec2.amazonaws.com"),
        ({"type": "AWSAccount", "accountId": OTHER}, "account", OTHER),
        ({"type": "WebIdentityUser", "userName": "repo:shop"}, "user", "repo:shop"),
        ({"type": "Martian", "principalId": "p-1"}, "unknown", "p-1"),
        ({}, "unknown", "unknown"),
        ({"type": "AssumedRole"}, "role", "unknown"),
    ],
)
def test_other_identities(identity: dict[str, object], kind: str, name: str) -> None:
    subject = who(identity)
    assert (subject["type"], subject["id"]) == (kind, name)


def test_a_sign_in_says_itself_whether_a_second_factor_was_shown() -> None:
    user = {"type": "IAMUser", "userName": "omar"}
    assert who(user, additionalEventData={"MFAUsed": "Yes"})["mfa"] is True
    assert who(user, additionalEventData={"MFAUsed": "No"})["mfa"] is False
    assert "mfa" not in who(user)


# ---- what ----


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ("lambda.UpdateFunctionCode20150331v2", "aws.lambda.UpdateFunctionCode"),
        ("lambda.CreateFunction20150331", "aws.lambda.CreateFunction"),
        ("resource-explorer-2.ListIndexes", "aws.resource-explorer-2.ListIndexes"),
    ],
)
def test_names_are_service_and_event(event: str, name: str) -> None:
    assert action(event)["name"] == name


@pytest.mark.parametrize(
    ("event", "parameters", "destination"),
    [
        (
            "ec2.ModifySnapshotAttribute",
            {"snapshotId": "s", "createVolumePermission": {"add": {"items": [{"userId": OTHER}]}}},
            {"kind": "account", "external": True, "account": OTHER, "id": OTHER},
        ),
        (
            "ec2.ModifyImageAttribute",
            {"imageId": "i", "launchPermission": {"add": {"items": [{"userId": OTHER}, {"group": "all"}]}}},
            {"kind": "internet", "external": True, "public": True, "id": "all"},
        ),
        ("ec2.ModifySnapshotAttribute", {"createVolumePermission": {"remove": {"items": [{"userId": OTHER}]}}}, None),
        (
            "rds.ModifyDBSnapshotAttribute",
            {"dBSnapshotIdentifier": "d", "attributeName": "restore", "valuesToAdd": ["111122223333"]},
            {"kind": "account", "external": False, "account": "111122223333", "id": "111122223333"},
        ),
        (
            "iam.CreateRole",
            {"roleName": "r", "assumeRolePolicyDocument": trust({"AWS": f"arn:aws:iam::{OTHER}:root"})},
            {"kind": "account", "external": True, "account": OTHER, "id": f"arn:aws:iam::{OTHER}:root"},
        ),
        (
            "iam.UpdateAssumeRolePolicy",
            {"roleName": "r", "policyDocument": trust({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]})},
            {"kind": "service", "external": False, "id": "ec2.amazonaws.com"},
        ),
        (
            "iam.CreateRole",
            {"roleName": "r", "assumeRolePolicyDocument": trust({"Federated": "token.actions.example"})},
            {"kind": "identity-provider", "external": True, "id": "token.actions.example"},
        ),
        (
            "s3.PutBucketPolicy",
            {"bucketName": "b", "bucketPolicy": json.loads(trust("*"))},
            {"kind": "internet", "external": True, "public": True, "id": "*"},
        ),
        (
            "s3.PutBucketPolicy",
            {"bucketName": "b", "bucketPolicy": json.loads(trust("*", Condition={"StringEquals": {"aws:x": "y"}}))},
            {"kind": "internet", "external": True, "id": "*"},
        ),
        ("s3.PutBucketPolicy", {"bucketName": "b", "bucketPolicy": json.loads(trust("*", Effect="Deny"))}, None),
        (
            "s3.PutBucketAcl",
            {"bucketName": "b", "x-amz-acl": ["public-read"]},
            {"kind": "internet", "external": True, "public": True, "id": "public-read"},
        ),
        ("s3.CreateBucket", {"bucketName": "b", "x-amz-acl": "private"}, None),
        (
            "lambda.AddPermission20150331v2",
            {"functionName": "f", "principal": "*"},
            {"kind": "internet", "external": True, "public": True, "id": "*"},
        ),
        (
            "lambda.CreateFunctionUrlConfig",
            {"functionName": "f", "authType": "NONE"},
            {"kind": "internet", "external": True, "public": True, "id": "*"},
        ),
        ("lambda.CreateFunctionUrlConfig", {"functionName": "f", "authType": "AWS_IAM"}, None),
        (
            "ec2.CreateVpcPeeringConnection",
            {"vpcId": "v", "peerOwnerId": OTHER},
            {"kind": "account", "external": True, "account": OTHER, "id": OTHER},
        ),
        (
            "ram.CreateResourceShare",
            {"principals": ["arn:aws:organizations::111122223333:organization/o-1"]},
            {
                "kind": "account",
                "external": False,
                "account": "111122223333",
                "id": "arn:aws:organizations::111122223333:organization/o-1",
            },
        ),
        ("iam.CreateRole", {"roleName": "r", "assumeRolePolicyDocument": "not json"}, None),
    ],
)
def test_whom_a_request_lets_in(event: str, parameters: object, destination: object) -> None:
    assert action(event, parameters).get("destination") == destination


@pytest.mark.parametrize(
    ("event", "parameters", "network"),
    [
        (
            "ec2.AuthorizeSecurityGroupIngress",
            {
                "groupId": "sg",
                "ipPermissions": {
                    "items": [
                        {
                            "ipProtocol": "tcp",
                            "fromPort": 22,
                            "toPort": 23,
                            "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]},
                        }
                    ]
                },
            },
            {"cidrs": ["0.0.0.0/0"], "ports": [22, 23], "protocol": "tcp", "direction": "ingress"},
        ),
        (
            "ec2.AuthorizeSecurityGroupEgress",
            {
                "groupId": "sg",
                "ipPermissions": {
                    "items": [{"ipProtocol": "-1", "ipv6Ranges": {"items": [{"cidrIpv6": "::/0"}]}, "groups": {}}]
                },
            },
            {"cidrs": ["::/0"], "ports": [], "protocol": "all", "direction": "egress"},
        ),
        (
            "ec2.AuthorizeSecurityGroupIngress",
            {
                "groupId": "sg",
                "ipPermissions": {},
                "cidrIp": "10.0.0.0/8",
                "fromPort": 0,
                "toPort": 65535,
                "ipProtocol": "udp",
            },
            {"cidrs": ["10.0.0.0/8"], "ports": [], "protocol": "udp", "direction": "ingress"},
        ),
        (
            "ec2.CreateNetworkAclEntry",
            {
                "networkAclId": "n",
                "egress": True,
                "cidrBlock": "0.0.0.0/0",
                "portRange": {"from": 80, "to": 80},
                "aclProtocol": "6",
            },
            {"cidrs": ["0.0.0.0/0"], "ports": [80], "protocol": "6", "direction": "egress"},
        ),
        (
            "ec2.CreateRoute",
            {"routeTableId": "r", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw"},
            {"cidrs": ["0.0.0.0/0"], "ports": [], "protocol": "all", "direction": "egress"},
        ),
        ("ec2.CreateSubnet", {"vpcId": "v", "cidrBlock": "10.0.1.0/24"}, None),
    ],
)
def test_what_a_request_opens(event: str, parameters: object, network: object) -> None:
    assert action(event, parameters).get("network") == network


@pytest.mark.parametrize(
    ("event", "parameters", "fields"),
    [
        ("iam.CreateAccessKey", None, {"target": {"type": "user", "id": "omar", "account": "111122223333"}}),
        ("iam.ListUsers", None, {"target": None}),
        (
            "sts.AssumeRole",
            {"roleArn": f"arn:aws:iam::{OTHER}:role/reader"},
            {"target": {"type": "role", "id": "reader", "account": OTHER, "external": True}},
        ),
        ("sts.AssumeRole", {"roleArn": "reader"}, {"target": {"type": "role", "id": "reader"}}),
        (
            "iam.AttachUserPolicy",
            {"userName": "lena", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            {"role": "AdministratorAccess", "privileged": True},
        ),
        (
            "iam.PutRolePolicy",
            {
                "roleName": "r",
                "policyDocument": '{"Statement": {"Effect": "Allow", "Action": ["s3:GetObject", "iam:*"]}}',
            },
            {"permissions": ["iam:*", "s3:GetObject"], "privileged": True},
        ),
        (
            "iam.PutRolePolicy",
            {"roleName": "r", "policyDocument": '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject"}]}'},
            {"permissions": ["s3:GetObject"], "privileged": False},
        ),
        (
            "lambda.CreateFunction20150331",
            {"functionName": "f", "role": "arn:aws:iam::1:role/worker"},
            {"role": "worker"},
        ),
        ("ssm.GetParameter", {"name": "p", "withDecryption": True}, {"masked": False}),
        ("ssm.GetParameter", {"name": "p"}, {"masked": True}),
        ("ec2.DescribeInstanceAttribute", {"instanceId": "i", "attribute": "userData"}, {"fields": ["userData"]}),
        ("rds.DeleteDBInstance", {"dBInstanceIdentifier": "d", "skipFinalSnapshot": True}, {"force": True}),
        ("rds.DeleteDBInstance", {"dBInstanceIdentifier": "d", "skipFinalSnapshot": False}, {"force": None}),
        ("ec2.RunInstances", {"instancesSet": {"items": [{"maxCount": 3}, {"maxCount": 4}]}}, {"count": 7}),
        (
            "ec2.TerminateInstances",
            {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}},
            {"count": 2},
        ),
        ("logs.PutRetentionPolicy", {"logGroupName": "g", "retentionInDays": 7}, {"retention_days": 7}),
        (
            "s3.PutBucketLifecycle",
            {
                "bucketName": "b",
                "LifecycleConfiguration": {"Rule": [{"Expiration": {"Days": 30}}, {"Expiration": {"Days": 1}}]},
            },
            {"retention_days": 1},
        ),
        ("lambda.UpdateFunctionCode20150331v2", {"functionName": "f", "dryRun": True}, {"dry_run": True}),
    ],
)
def test_what_a_request_does(event: str, parameters: object, fields: dict[str, object]) -> None:
    acted = action(event, parameters)
    assert {name: acted.get(name) for name in fields} == fields


# ---- on what, when ----


@pytest.mark.parametrize(
    ("event", "parameters", "expected"),
    [
        (
            "secretsmanager.GetSecretValue",
            {"secretId": "s"},
            {"type": "AWS::SecretsManager::Secret", "labels": ["secret"]},
        ),
        (
            "cloudtrail.StopLogging",
            {"name": "t"},
            {"type": "AWS::CloudTrail::Trail", "id": "t", "labels": ["audit-log"]},
        ),
        (
            "ec2.DeleteFlowLogs",
            {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}},
            {"type": "AWS::EC2::FlowLog", "id": "fl-1"},
        ),
        ("ec2.DeleteNatGateway", {"DeleteNatGatewayRequest": {"NatGatewayId": "nat-1"}}, {"id": "nat-1"}),
        (
            "ec2.TerminateInstances",
            {"instancesSet": {"items": [{"instanceId": "i-1"}]}},
            {"type": "AWS::EC2::Instance", "id": "i-1"},
        ),
        ("ssm.GetParameters", {"names": ["a", "b"]}, {"type": "AWS::SSM::Parameter", "id": "a"}),
        ("health.DescribeEvents", None, {"type": "AWS::Account", "id": "111122223333"}),
        (
            "rds.CreateDBInstance",
            {
                "dBInstanceIdentifier": "d",
                "publiclyAccessible": True,
                "storageEncrypted": False,
                "deletionProtection": True,
                "tags": [{"key": "Environment", "value": "Prod"}],
            },
            {
                "public": True,
                "encrypted": False,
                "protected": True,
                "environment": "production",
                "tags": {"Environment": "Prod"},
            },
        ),
        (
            "ec2.CreateVolume",
            {
                "tagSpecificationSet": {
                    "items": [{"tags": [{"key": "env", "value": "qa"}, {"Key": "x", "Value": True}]}]
                }
            },
            {"environment": "test", "tags": {"env": "qa", "x": "true"}},
        ),
        ("lambda.TagResource20170331v2", {"tags": {"team": "shop"}}, {"tags": {"team": "shop"}}),
    ],
)
def test_what_is_acted_upon(event: str, parameters: object, expected: dict[str, object]) -> None:
    document = to_action(record(event, parameters))
    SCHEMA.validate(document)
    resource: dict[str, object] = document["resource"]  # type: ignore[assignment]
    assert {name: resource.get(name) for name in expected} == expected


def test_listed_resources_stand_in_for_parameters() -> None:
    listed = [{"ARN": "arn:aws:kms:eu-central-1:1:key/k", "type": "AWS::KMS::Key"}]
    resource: Any = to_action(record("kms.Decrypt", {}, resources=listed))["resource"]
    assert (resource["type"], resource["id"]) == ("AWS::KMS::Key", "arn:aws:kms:eu-central-1:1:key/k")


@pytest.mark.parametrize(
    ("address", "network"), [("10.1.2.3", "internal"), ("8.8.8.8", "internet"), ("rds.amazonaws.com", None), (7, None)]
)
def test_the_network_is_known_by_its_address(address: object, network: str | None) -> None:
    context: Any = to_action(record("iam.GetUser", sourceIPAddress=address))["context"]
    assert context.get("network") == network


# ---- what is no record ----


@pytest.mark.parametrize("field", ["eventTime", "eventSource", "eventName", "userIdentity"])
@pytest.mark.parametrize("value", [None, 7])
def test_a_record_without_its_first_facts_is_reported_with_its_place(tmp_path: Path, field: str, value: object) -> None:
    path = written(tmp_path, record("iam.GetUser"), record("iam.GetUser", **{field: value}), record("iam.GetUser"))
    places = [place for place, _ in read(path)]
    actions = [made for _, made in read(path)]
    assert places == [f"{path}:record {number}" for number in (1, 2, 3)]
    assert isinstance(actions[1], InputError)
    assert str(actions[1]).startswith(f"{path}:record 2: `{field}` is missing")
    assert not isinstance(actions[2], InputError)


def test_what_is_no_object_is_reported(tmp_path: Path) -> None:
    (_, made), *_ = read(written(tmp_path, ["a", "list"]))
    assert isinstance(made, InputError)
    assert str(made).endswith("record 1: a record is a JSON object")


def test_the_source_says_what_it_is() -> None:
    assert SOURCES["cloudtrail"].description == "AWS CloudTrail records"


# ---- any record ----

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
PARAMETERS = st.dictionaries(
    st.sampled_from(
        [
            "policyDocument",
            "bucketPolicy",
            "tags",
            "tagSpecificationSet",
            "instancesSet",
            "ipPermissions",
            "createVolumePermission",
            "launchPermission",
            "valuesToAdd",
            "principal",
            "names",
            "withDecryption",
            "userName",
            "roleArn",
            "LifecycleConfiguration",
            "cidrIp",
            "fromPort",
            "toPort",
            "attribute",
            "XRequest",
            "iamInstanceProfile",
            "retentionInDays",
        ]
    ),
    JSON | st.fixed_dictionaries({"items": st.lists(JSON, max_size=2)}) | st.fixed_dictionaries({"Statement": JSON}),
    max_size=5,
)
EVENTS = st.sampled_from(
    [
        "iam.CreateAccessKey",
        "sts.AssumeRole",
        "ec2.AuthorizeSecurityGroupIngress",
        "ec2.RunInstances",
        "ssm.GetParameters",
        "s3.PutBucketPolicy",
        "s3.PutBucketAcl",
        "rds.ModifyDBSnapshotAttribute",
        "lambda.AddPermission",
        "ram.CreateResourceShare",
    ]
)


@given(EVENTS, PARAMETERS, JSON, JSON, JSON)
def test_no_record_however_strange_gives_an_action_that_does_not_fit(
    event: str, parameters: dict[str, object], identity: object, session: object, listed: object
) -> None:
    who = {**identity, "sessionContext": session} if isinstance(identity, dict) else {"sessionContext": session}
    strange = record(event, parameters, userIdentity=who, resources=listed, awsRegion=session, errorCode=listed)
    SCHEMA.validate(to_action(strange))


@needs_recorded
def test_every_recorded_action_fits_the_schema_and_holds_no_null() -> None:
    count = 0
    for made in recorded():
        SCHEMA.validate(made)
        assert "null" not in json.dumps(made).replace('"null"', "")
        count += 1
    assert count == 1233
