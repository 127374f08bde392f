"""What a request acts upon: type (CloudFormation's name for it), identifier, labels, state."""

from __future__ import annotations

from collections.abc import Mapping

from assentry.ingest.cloudtrail.request import Request, compact, items, mapping

Document = dict[str, object]

# By service, which parameter names the resource, the most telling first.
_NAMED_BY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "iam": (
        ("roleName", "AWS::IAM::Role"),
        ("userName", "AWS::IAM::User"),
        ("groupName", "AWS::IAM::Group"),
        ("instanceProfileName", "AWS::IAM::InstanceProfile"),
        ("policyArn", "AWS::IAM::ManagedPolicy"),
        ("policyName", "AWS::IAM::ManagedPolicy"),
        ("serialNumber", "AWS::IAM::VirtualMFADevice"),
        ("openIDConnectProviderArn", "AWS::IAM::OIDCProvider"),
        ("sAMLProviderArn", "AWS::IAM::SAMLProvider"),
    ),
    "sts": (("roleArn", "AWS::IAM::Role"),),
    "s3": (("bucketName", "AWS::S3::Bucket"),),
    "ec2": (
        ("snapshotId", "AWS::EC2::Snapshot"),
        ("imageId", "AWS::EC2::Image"),
        ("volumeId", "AWS::EC2::Volume"),
        ("groupId", "AWS::EC2::SecurityGroup"),
        ("groupName", "AWS::EC2::SecurityGroup"),
        ("networkAclId", "AWS::EC2::NetworkAcl"),
        ("instanceId", "AWS::EC2::Instance"),
        ("flowLogId", "AWS::EC2::FlowLog"),
        ("networkInterfaceId", "AWS::EC2::NetworkInterface"),
        ("routeTableId", "AWS::EC2::RouteTable"),
        ("internetGatewayId", "AWS::EC2::InternetGateway"),
        ("natGatewayId", "AWS::EC2::NatGateway"),
        ("subnetId", "AWS::EC2::Subnet"),
        ("keyName", "AWS::EC2::KeyPair"),
        ("vpcId", "AWS::EC2::VPC"),
    ),
    "rds": (
        ("dBSnapshotIdentifier", "AWS::RDS::DBSnapshot"),
        ("dBClusterSnapshotIdentifier", "AWS::RDS::DBClusterSnapshot"),
        ("dBInstanceIdentifier", "AWS::RDS::DBInstance"),
        ("dBClusterIdentifier", "AWS::RDS::DBCluster"),
    ),
    "lambda": (("functionName", "AWS::Lambda::Function"),),
    "secretsmanager": (("secretId", "AWS::SecretsManager::Secret"), ("name", "AWS::SecretsManager::Secret")),
    "ssm": (("documentName", "AWS::SSM::Document"), ("name", "AWS::SSM::Parameter")),
    "kms": (("keyId", "AWS::KMS::Key"),),
    "cloudtrail": (("name", "AWS::CloudTrail::Trail"), ("trailName", "AWS::CloudTrail::Trail")),
    "logs": (("logGroupName", "AWS::Logs::LogGroup"),),
    "monitoring": (("alarmName", "AWS::CloudWatch::Alarm"),),
    "guardduty": (("detectorId", "AWS::GuardDuty::Detector"),),
    "config": (("configurationRecorderName", "AWS::Config::ConfigurationRecorder"),),
    "rolesanywhere": (
        ("trustAnchorId", "AWS::RolesAnywhere::TrustAnchor"),
        ("profileId", "AWS::RolesAnywhere::Profile"),
        ("name", "AWS::RolesAnywhere::Profile"),
    ),
    "organizations": (("policyId", "AWS::Organizations::Policy"), ("accountId", "AWS::Organizations::Account")),
    "dynamodb": (("tableName", "AWS::DynamoDB::Table"),),
    "ecr": (("repositoryName", "AWS::ECR::Repository"),),
    "eks": (("clusterName", "AWS::EKS::Cluster"), ("name", "AWS::EKS::Cluster")),
    "sns": (("topicArn", "AWS::SNS::Topic"),),
    "sqs": (("queueUrl", "AWS::SQS::Queue"),),
    "route53": (("hostedZoneId", "AWS::Route53::HostedZone"),),
    "cloudformation": (("stackName", "AWS::CloudFormation::Stack"),),
}

_LABELS = {
    "AWS::SecretsManager::Secret": "secret",
    "AWS::SSM::Parameter": "secret",
    "AWS::CloudTrail::Trail": "audit-log",
    "AWS::Logs::LogGroup": "audit-log",
    "AWS::EC2::FlowLog": "audit-log",
    "AWS::Config::ConfigurationRecorder": "audit-log",
    "AWS::EC2::Snapshot": "backup",
    "AWS::EC2::Image": "backup",
    "AWS::RDS::DBSnapshot": "backup",
    "AWS::RDS::DBClusterSnapshot": "backup",
}

_ENVIRONMENTS = {
    "dev": "development",
    "development": "development",
    "test": "test",
    "qa": "test",
    "stage": "staging",
    "staging": "staging",
    "prod": "production",
    "production": "production",
}


def resource(service: str, request: Request, record: Mapping[str, object]) -> Document:
    """The resource of a request: what its parameters name, else what the record lists, else the account."""
    kind, identifier = _named(service, request) or _listed(record) or _account(request)
    tags = _tags(request)
    region = record.get("awsRegion")
    environment = next((tags[key] for key in tags if key.lower() in {"env", "environment", "stage"}), "")
    return compact(
        {
            "type": kind,
            "id": identifier,
            "account": request.account,
            "region": region if isinstance(region, str) else None,
            "labels": [_LABELS[kind]] if kind in _LABELS else None,
            "environment": _ENVIRONMENTS.get(environment.lower()),
            "public": request.flag("publiclyAccessible"),
            "encrypted": request.flag("storageEncrypted", "encrypted"),
            "protected": request.flag("deletionProtection", "disableApiTermination"),
            "tags": tags or None,
        }
    )


def _named(service: str, request: Request) -> tuple[str, str] | None:
    for parameter, kind in _NAMED_BY.get(service, ()):
        if identifier := request.text(parameter):
            return kind, identifier
    if service == "ec2":
        for entry in items(request.get("instancesSet")):
            if isinstance(instance := mapping(entry).get("instanceId"), str):
                return "AWS::EC2::Instance", instance
    if service == "ssm" and (names := request.texts("names")):
        return "AWS::SSM::Parameter", names[0]
    return None


def _listed(record: Mapping[str, object]) -> tuple[str, str] | None:
    for entry in items(record.get("resources")):
        arn, kind = mapping(entry).get("ARN"), mapping(entry).get("type")
        if isinstance(arn, str):
            return (kind if isinstance(kind, str) else "AWS::Resource"), arn
    return None


def _account(request: Request) -> tuple[str, str]:
    return "AWS::Account", request.account or "unknown"


def _tags(request: Request) -> dict[str, str]:
    """Tags that the request sets, in any of their shapes."""
    given = request.get("tags", "tagsList", "tagSet")
    if isinstance(given, dict) and all(isinstance(value, str) for value in given.values()):
        return {str(key): str(value) for key, value in given.items()}
    entries = [*items(given)]
    for specification in items(request.get("tagSpecificationSet")):
        entries += items(mapping(specification).get("tags"))
    tags: dict[str, str] = {}
    for entry in map(mapping, entries):
        key, value = entry.get("key", entry.get("Key")), entry.get("value", entry.get("Value"))
        if isinstance(key, str) and isinstance(value, (str, bool, int)):
            tags[key] = str(value).lower() if isinstance(value, bool) else str(value)
    return tags
