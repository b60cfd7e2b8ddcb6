"""How fast this server is beside others: real HTTP, in turn, in one run."""
