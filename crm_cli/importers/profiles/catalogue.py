"""The profiles there are: shipped ones, those in the project's folder `profiles/`, and a file that is named."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from crm_cli.errors import did_you_mean
from crm_cli.importers.profiles.model import Profile
from crm_cli.importers.profiles.reading import ProfileError, parse_profile, read_profile

__all__ = ["FOLDER", "find_profile", "list_profiles", "profile_text", "shipped_profiles", "signed_profiles"]

FOLDER = "profiles"  # in the project's folder


@cache
def shipped_profiles() -> tuple[Profile, ...]:
    """Return the profiles that come with the program, by name."""
    return tuple(parse_profile(text, name, f"{name}.toml") for name, text in _shipped().items())


@cache
def signed_profiles() -> tuple[Profile, ...]:
    """Return those shipped profiles of which a header tells the system; the others are not read for it."""
    texts = {name: text for name, text in _shipped().items() if "\nsignature = " in text}
    return tuple(parse_profile(text, name, f"{name}.toml") for name, text in texts.items())


@cache
def _shipped() -> dict[str, str]:
    folder = resources.files("crm_cli.importers.profiles").joinpath("systems")
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    return {one.name.removesuffix(".toml"): one.read_text(encoding="utf-8") for one in files}


def profile_text(name: str, project: Path | None) -> str:
    """Return the file of the profile called `name`, to copy and change; raises `ProfileError`."""
    profile = find_profile(name, project)
    text = _shipped().get(profile.name) if profile.origin == f"{profile.name}.toml" else None
    return text if text is not None else Path(profile.origin).read_text(encoding="utf-8")


def list_profiles(project: Path | None) -> list[Profile]:
    """Return all profiles by name; one of the project's own goes before a shipped one of the same name."""
    own = {path.stem: read_profile(path) for path in _own_files(project)}
    return sorted({**{one.name: one for one in shipped_profiles()}, **own}.values(), key=lambda one: one.name)


def find_profile(name: str, project: Path | None) -> Profile:
    """Return the profile called `name`, or the one in the file of that path; raises `ProfileError`."""
    if name.endswith(".toml"):
        path = Path(name)
        return read_profile(path if path.is_absolute() or project is None else project / path)
    own = next((path for path in _own_files(project) if path.stem == name), None)
    if own is not None:
        return read_profile(own)
    found = next((one for one in shipped_profiles() if name.casefold() in (one.name, *one.aliases)), None)
    if found is None:
        names = [*(one.name for one in shipped_profiles()), *(path.stem for path in _own_files(project))]
        raise ProfileError(
            f"there is no profile {name!r}",
            hint=did_you_mean(name, names) or f"there are {', '.join(sorted(names))}; a file ends in .toml",
        )
    return found


def _own_files(project: Path | None) -> Iterator[Path]:
    if project is not None and (project / FOLDER).is_dir():
        yield from sorted((project / FOLDER).glob("*.toml"))
