"""What is done without a request: mail is sent, what time makes due is applied sooner."""
