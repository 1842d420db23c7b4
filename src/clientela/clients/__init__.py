"""The domain: clients, writes and changes; pure, with no I/O, HTTP, SQL or clock."""
