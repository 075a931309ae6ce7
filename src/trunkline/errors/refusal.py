"""What every refusal has: a status, a category, a message, and where it applies, a context and details."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec import Struct


class Detail(Struct, frozen=True):
    """One entry of an error's `errors` list: what is wrong with one field.

    `path` is where the field stands in the request, as `inputs[3].properties.hs_call_status`.
    """

    message: str
    code: str | None = None
    context: Mapping[str, Sequence[str]] | None = None
    path: str | None = None
    sub_category: str | None = None


class Refusal(Exception):
    """A request, or one input of it, that is refused, with all that its answer shows.

    `message` is public; the private cause, where there is one, is the exception's `__cause__`. One that is `nested` is
    told as the message of another error, as the real service does with some (behaviour 11.10).
    """

    status: ClassVar[int] = 400
    category: ClassVar[str | None] = None
    sub_category: ClassVar[str | None] = None
    advice: ClassVar[str] = ""
    nested: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        context: Mapping[str, Sequence[str]] | None = None,
        details: Sequence[Detail] = (),
        links: Mapping[str, str] | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.context = context
        self.details = details
        self.links = links
        self.path = path
