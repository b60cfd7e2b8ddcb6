"""Compares the speed of this server with other servers, by real HTTP requests, alternately in one run."""
