"""What people see in a browser: the pages of a portal."""

from trunkline.web.table import web_routes

__all__ = ["web_routes"]
