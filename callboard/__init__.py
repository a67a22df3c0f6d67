"""The composition root: settings, addresses, processes, the demo, templates and static files. No business rule."""
