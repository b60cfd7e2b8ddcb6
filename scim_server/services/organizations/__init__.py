"""Organizations, which are the vendor's customers: how to create, configure and suspend them."""
