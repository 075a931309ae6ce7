"""The mirror: a copy of a HubSpot account's records here, and changes made here sent on to it.

It is a client of both sides and knows nothing of the server's inside. Records here remember which one there they are in
a property of their own, `trunkline_remote_id`, which never leaves this side. What the mirror writes here it writes with
a token of its own; changes by that token are not sent on, so nothing goes in circles.
"""

REMOTE_ID = "trunkline_remote_id"
"""The property in which a record here remembers the record there."""
