"""What the operator's metrics need from the database."""
