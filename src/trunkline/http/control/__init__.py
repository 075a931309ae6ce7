"""The control namespace `/_trunkline/…`, apart from the imitated API.

Health, readiness and the explanations of errors and warnings answer anyone. The rest asks for the secret that the
server wrote into its lock, and no API token opens it; what was measured is also shown to who has the token that the
operator set for it.
"""

from trunkline.http.control.asked import SECRET
from trunkline.http.control.explain import explanation, refusals
from trunkline.http.control.table import PREFIX, control_routes

__all__ = ["PREFIX", "SECRET", "control_routes", "explanation", "refusals"]
