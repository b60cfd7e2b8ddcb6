"""Pages of HTML for people. Without scripts; every page says itself what a browser may do with it."""
