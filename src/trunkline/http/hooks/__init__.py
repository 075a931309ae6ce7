"""Telling apps of what was written: what is kept of them, how far each has been told, and the requests to them."""
