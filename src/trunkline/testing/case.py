"""The same for `unittest`: a test case with a fresh portal for each test."""

import unittest
from typing import ClassVar

from trunkline.testing import server
from trunkline.testing.portal import Portal
from trunkline.testing.serving import Server


class TrunklineTestCase(unittest.TestCase):
    """Has a portal of its own for each test in `self.trunkline`, on a server that the tests of the class share.

    `trunkline_where` says where that is, as `trunkline.testing.server` takes it.
    """

    trunkline_where: ClassVar[str] = "thread"
    trunkline_server: ClassVar[Server]
    trunkline: Portal

    @classmethod
    def setUpClass(cls) -> None:
        """Starts the server."""
        super().setUpClass()
        cls.trunkline_server = cls.enterClassContext(server(cls.trunkline_where))

    def setUp(self) -> None:
        """Makes the portal, which is removed after the test."""
        super().setUp()
        self.trunkline = self.enterContext(self.trunkline_server.portal(self.id()))
