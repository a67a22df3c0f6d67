"""The tests' own database keeps its promises."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections, transaction

from tests.database import together


def _groups() -> list[str]:
    return list(Group.objects.order_by("name").values_list("name", flat=True))


class TestDb:
    @pytest.mark.django_db
    @pytest.mark.parametrize("_", range(2))
    def test_what_a_test_writes_is_gone_in_the_next(self, _: int) -> None:
        assert _groups() == []
        Group.objects.create(name="cast")

    @pytest.mark.django_db
    def test_checks_deferred_constraints_and_locks_of_a_real_postgres(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            assert int(cursor.fetchone()[0]) >= 180_000


class TestCommittedDb:
    @pytest.mark.usefixtures("committed_db")
    @pytest.mark.parametrize("_", range(2))
    def test_threads_see_what_was_committed_and_the_next_test_does_not(self, _: int) -> None:
        assert _groups() == []
        Group.objects.create(name="cast")
        assert together([_groups, _groups]) == [["cast"], ["cast"]]

    @pytest.mark.usefixtures("committed_db")
    def test_a_row_lock_holds_across_threads(self) -> None:
        Group.objects.create(name="cast")
        inside: list[int] = []

        def lock() -> int:
            with transaction.atomic():
                Group.objects.select_for_update().get(name="cast")
                inside.append(threading.get_ident())
                assert len(inside) == 1
                inside.pop()
            return 1

        assert together([lock] * 8) == [1] * 8

    @pytest.mark.django_db(transaction=True)
    def test_a_connection_that_a_thread_left_open_harms_nobody(self) -> None:
        thread = threading.Thread(target=_groups)
        thread.start()
        thread.join()

    @pytest.mark.django_db
    def test_leaves_the_shared_database_in_place(self) -> None:
        assert str(connections.settings["default"]["NAME"]).endswith("_shared")
        assert _groups() == []
