"""The one way a run ends before its file does."""


class Stopped(Exception):
    """The run cannot go on; the text says why and what to do, and is shown to the user as it is."""
