"""Public events for the vendor's programs: of one organization, and of all."""
