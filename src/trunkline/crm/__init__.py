"""The rules, pure: they know no HTTP and no SQL."""
