"""Public events for the vendor's programs: the history of an organization, and the feed of all organizations."""
