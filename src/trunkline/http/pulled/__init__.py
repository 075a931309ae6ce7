"""The journal of webhooks, which apps pull: what is kept of them, what each may read, and the entries that it reads."""
