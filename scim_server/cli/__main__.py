"""`python -m scim_server.cli` runs `scim-seats`."""

from scim_server.cli import main

main()
