"""scim2-server as its documentation builds it, with its storage in memory, under a production WSGI server."""
