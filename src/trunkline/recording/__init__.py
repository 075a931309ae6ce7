"""Recording what a service of HubSpot's kind really answers, and comparing another with it.

A client like any other, which knows nothing of the server's inside.
"""
