"""The vendor's JSON interface under /v1. Each noun is a module with its routes; `areas` lists them."""
