"""Numbers in the paths of pages: as long as a number of ours can be, and no longer."""

from starlette.convertors import Convertor, register_url_convertor


class Number(Convertor[int]):
    """A whole number, which Starlette's own `int` would read however many digits it has."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        """What a path has."""
        return int(value)

    def to_string(self, value: int) -> str:
        """What a path has of it."""
        return str(value)


NUMBER = "number"
"""What it is called in a path, as in `{portal:number}`."""

register_url_convertor(NUMBER, Number())
