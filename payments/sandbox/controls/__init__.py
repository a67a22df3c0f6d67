"""The controls under `/_sandbox/`, by what they concern."""
