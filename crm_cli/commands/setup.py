"""What `crm init` does: a project file and an empty database, both or neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_cli.config import KEYS, PROJECT_FILE, ConfigError
from crm_cli.errors import CrmError
from crm_cli.urls import hide_passwords

__all__ = ["AlreadyThereError", "MadeProject", "PasswordInFileError", "Project", "make_project"]


class AlreadyThereError(CrmError):
    """What was to be made exists."""

    code = "already-there"


class PasswordInFileError(CrmError):
    """A password was about to be written into a project file, which is there to be shared."""

    code = "password-in-file"


@dataclass(frozen=True)
class Project:
    """What is to be made: in which folder, on which database (a file or a URL), with which settings.

    `is_recorded`: the project file names the database; not where the environment does, which may hold a password.
    """

    folder: Path
    database: str
    settings: Mapping[str, str]
    is_recorded: bool = True

    @property
    def file(self) -> Path:
        """The project file."""
        return self.folder / PROJECT_FILE

    @property
    def location(self) -> str:
        """The database's URL, or the absolute path of its file."""
        return self.database if "://" in self.database else str(self.folder / Path(self.database).expanduser())


@dataclass(frozen=True)
class MadeProject:
    """What was made."""

    file: str
    database: str


def make_project(project: Project) -> MadeProject:
    """Make the database, then the project file.

    Raises `AlreadyThereError` where either exists, `PasswordInFileError` for a URL that carries a password.
    """
    _refuse_overwriting(project)
    _check_settings(project.settings)
    _make_database(project)
    project.file.write_text(_project_text(project), encoding="utf-8")
    return MadeProject(str(project.file), hide_passwords(project.location, whole=True))


def _refuse_overwriting(project: Project) -> None:
    if project.file.exists():
        hint = "this folder is a project already; `crm doctor` checks it"
        raise AlreadyThereError(f"{project.file} exists", hint=hint, file=str(project.file))
    if "://" not in project.location and Path(project.location).exists():
        hint = "name another with --db, or move it away; any command takes an existing one with --db FILE"
        raise AlreadyThereError(f"{project.location} exists", hint=hint, file=project.location)
    if project.is_recorded and hide_passwords(project.database, whole=True) != project.database:
        hint = "put the whole URL into the environment variable CRM_DB, or use the server's own password file"
        raise PasswordInFileError("the URL holds a password, which does not belong in a project file", hint=hint)


def _project_text(project: Project) -> str:
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Settings of this project; `crm config show` says what holds and where from."))
    if project.is_recorded:
        document.add("database", tomlkit.item(project.database))
    for name, value in project.settings.items():
        document.add(name, tomlkit.item(value))
    return tomlkit.dumps(document)


def _check_settings(settings: Mapping[str, str]) -> None:
    """Refuse what every later command would refuse when it reads the file."""
    for key in KEYS:
        if key.name in settings:
            try:
                key.check(settings[key.name])
            except ValueError as error:
                hint = f"it is {key.meaning}"
                raise ConfigError(f"{key.name} = {settings[key.name]!r} {error}", hint=hint, key=key.name) from None


def _make_database(project: Project) -> None:
    from crm_cli.store import Store
    from crm_cli.store.engine import create_engine, normal_url
    from crm_cli.store.migrate import create, current_revision

    url = normal_url(project.location)
    if url.get_backend_name() != "sqlite":
        engine = create_engine(url)
        try:
            with engine.connect() as connection:
                found = current_revision(connection)
        finally:
            engine.dispose()
        if found is not None:
            return  # a shared server that others have set up already: this project joins it
    create(url)
    Store.open(url).close()
