"""Setting a portal up: who gets in, what it knows of its records, and who is told of them."""
