"""Who is who: portals, apps, people and what they prove themselves with. Rules and values; no HTTP and no SQL."""
