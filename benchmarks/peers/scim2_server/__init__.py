"""scim2-server as in its documentation, with storage in memory, under a production WSGI server."""
