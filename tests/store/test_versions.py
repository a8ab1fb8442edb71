from __future__ import annotations

from crm_cli.store import Store
from crm_cli.store.migrate import differences
from crm_cli.store.migrate import head_revision as shipped_head
from crm_cli.store.versions import current_revision, head_revision


def test_the_head_read_from_file_names_is_alembics() -> None:
    from crm_cli.store.migrate import _scripts

    assert head_revision() == shipped_head() == _scripts().get_current_head()


def test_a_new_database_has_the_head_and_nothing_is_left_to_migrate(store: Store) -> None:
    with store.read() as connection:
        assert current_revision(connection) == head_revision()
        assert differences(connection) == []
