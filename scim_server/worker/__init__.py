"""Work without a request: mail is sent, and due changes are applied."""
