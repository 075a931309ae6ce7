"""Puts a dialer's finished calls into HubSpot: each one once, whatever happens on the way."""
