"""Work that is asked to be carried out later, and cannot be taken."""

from trunkline.errors.refusal import Refusal

NOUNS = {"batch": "batches", "import": "imports", "export": "exports"}


class TooManyJobs(Refusal):
    """The portal has as many batches, imports or exports to carry out later as it may have (chosen: differences)."""

    status = 429
    category = "RATE_LIMITS"
    advice = "Wait until one of them is complete, or cancel one, and send the request again."

    def __init__(self, limit: int, kind: str = "batch") -> None:
        noun = NOUNS[kind]
        super().__init__(f"{limit} {noun} of this account wait to be carried out. Nothing of this one was taken.")
