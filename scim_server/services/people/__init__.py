"""People: provisioning, management by admins, sign-ins, and idle seats."""
