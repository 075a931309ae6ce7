"""The log: lines on standard error, for programs or for people, ours and those of the libraries alike.

A line inside a request has its correlation id. Nothing here shows the values that a failure's frames held: they are
tokens and bodies.
"""

import logging
import sys
from collections.abc import Sequence
from typing import Literal

import structlog
from structlog.typing import Processor

Format = Literal["json", "console"]

SHARED: Sequence[Processor] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(level: str, format_: Format) -> None:
    """Has everything logged from this level on; of the libraries, warnings and worse."""
    ends = _ends(format_)
    structlog.configure(
        processors=[*SHARED, *ends],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[clean, *ends], foreign_pre_chain=SHARED))
    logging.root.handlers = [handler]
    logging.root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))


def _ends(format_: Format) -> list[Processor]:
    """What makes a line of an entry."""
    if format_ == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
