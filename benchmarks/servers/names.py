"""The names of the servers in results."""

from typing import Final

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
OURS: Final = (SQLITE, POSTGRESQL)
SCIM2_SERVER: Final = "scim2-server"
SCIMMY: Final = "scimmy"
DJANGO: Final = "django-scim2"
IN_MEMORY: Final = (SCIM2_SERVER, SCIMMY)
PEERS: Final = (*IN_MEMORY, DJANGO)
