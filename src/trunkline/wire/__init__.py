"""HubSpot's shapes; the only place with camelCase."""
