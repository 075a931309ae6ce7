"""The requests that were answered lately: as they arrive, and each by itself, with why it failed."""
