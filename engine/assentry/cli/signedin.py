"""Who sits at the prompt: a person that the operating system, or an ID token, proves."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from assentry.errors import ConfigError, InputError

if TYPE_CHECKING:
    from assentry.gate.directory.opening import People
    from assentry.gate.people import Voter


def voter(people: People, token_file: str | None) -> Voter:
    """The person: by an ID token where one is given, else the user that this process runs as.

    Raises ConfigError, InputError, IdentityRefused, DirectoryUnavailable.
    """
    from assentry.gate.people import Voter

    if token_file is None:
        return Voter(_user(), by=f"os:{socket.gethostname()}", session=f"process {os.getpid()}")
    if people.verifier is None or people.claims is None:
        raise ConfigError("an ID token needs `[directory.oidc]` in assentry.toml")
    try:
        with open(token_file, encoding="utf-8") as file:
            token = file.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read `{token_file}`") from error
    identity = people.verifier.verify(token)
    people.claims.learn(identity)
    return Voter(identity.account, by=f"oidc:{identity.issuer}", session=token)


def _user() -> str:
    """The name of the user that this process runs as; what the environment says is not asked."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return os.getlogin()
