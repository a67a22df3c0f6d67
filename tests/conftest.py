"""What all tests share: the database, no network but this machine, properties that do not time out."""

import hypothesis
import pytest

pytest_plugins = ["tests.database"]

# A property's example may wait for Postgres on a busy machine; slowness is measured in the benchmarks.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # pytest-socket reads these when it is configured itself.
    config.option.allow_hosts = "127.0.0.1,::1"
    config.option.allow_unix_socket = True
