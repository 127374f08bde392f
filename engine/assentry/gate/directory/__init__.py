"""Who is who: people, groups, roles, owners and deputies, from a file, a SCIM 2.0 server and verified ID tokens."""
