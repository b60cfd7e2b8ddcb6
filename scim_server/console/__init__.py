"""HTML pages for people, without scripts. The headers of each page restrict what a browser may do."""
