"""`python -m scim_server.cli` is `scim-seats`."""

from scim_server.cli import main

main()
