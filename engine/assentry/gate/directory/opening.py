"""The directory that a project's settings describe."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from assentry.config import DirectorySettings, ScimSettings
from assentry.errors import DirectoryUnavailable
from assentry.gate.directory.claims import ClaimsDirectory
from assentry.gate.directory.file import FileDirectory
from assentry.gate.directory.kept import Ages
from assentry.gate.directory.oidc import OidcVerifier
from assentry.gate.directory.scim import ScimDirectory
from assentry.gate.directory.scimread import Naming
from assentry.gate.directory.source import CombinedDirectory, RecordSource, SnapshotSource


@dataclass(frozen=True, slots=True)
class People:
    """A directory, and with `[directory.oidc]` who proves sign-ins and where their claims go."""

    directory: SnapshotSource
    verifier: OidcVerifier | None = None
    claims: ClaimsDirectory | None = None


def open_directory(settings: DirectorySettings) -> People:
    """The directory of these settings; nothing is read and nobody is asked yet.

    The file has the first say on who is one person. Raises ConfigError for settings that cannot be used, and where
    the extra `directory` is needed and not installed.
    """
    sources: list[RecordSource] = []
    if settings.file is not None:
        sources.append(FileDirectory(settings.file, alone=settings.scim is None))
    if settings.scim is not None:
        sources.append(_scim(settings.scim))
    directory = CombinedDirectory(*sources)
    if settings.oidc is None:
        return People(directory)
    claims = ClaimsDirectory(directory, groups=settings.oidc.groups, roles=settings.oidc.roles)
    return People(claims, OidcVerifier(settings.oidc.issuer, settings.oidc.audience), claims)


def _scim(settings: ScimSettings) -> ScimDirectory:
    return ScimDirectory(
        settings.url,
        _from_environment(settings.token_env),
        naming=Naming(settings.accounts, settings.issuer, settings.subject),
        user_filter=settings.user_filter,
        group_filter=settings.group_filter,
        ages=Ages(refresh=settings.refresh_seconds, max_age=settings.max_age_seconds),
    )


def _from_environment(name: str) -> Callable[[], str]:
    def token() -> str:
        value = os.environ.get(name)
        if not value:
            raise DirectoryUnavailable(f"the environment variable `{name}` holds no token")
        return value

    return token
