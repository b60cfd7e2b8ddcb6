"""HTML pages for people, without scripts. Each page sends headers that restrict what a browser may do."""
