"""The real parts of one laptop: Postgres and Valkey from their wheels, and the processes of the platform.

Nothing here imports Django, so that all of it works before settings load.
"""
