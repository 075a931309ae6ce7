"""Readers of the journal that tell others of it, pure: who wants to hear of what, what is told, and when again."""
