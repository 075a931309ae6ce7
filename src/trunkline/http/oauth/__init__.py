"""The authorization server: its endpoints for apps, and the pages on which people let apps in."""
