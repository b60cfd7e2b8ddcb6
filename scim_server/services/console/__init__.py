"""Who enters the console, and how: sign-in links, sessions, and the visitor of a request."""
