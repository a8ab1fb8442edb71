"""How `crm import` goes about its work: source by source or as one delivery, asking where somebody can answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crm_cli.commands.import_shown import show_import, show_refused
from crm_cli.commands.kit import Crm
from crm_cli.commands.new_files import new_file
from crm_cli.errors import ExitCode, UsageError, worst
from crm_cli.urls import hide_passwords

if TYPE_CHECKING:
    from crm_cli.importers.profiles import Profile
    from crm_cli.jobs.importing import ImportOptions, ImportResult, ImportRun
    from crm_cli.jobs.matching_at_the_door import AtTheDoor, Matched
    from crm_cli.store import Store

__all__ = ["Errand", "Written"]

Where = str | Path


@dataclass(frozen=True)
class Written:
    """The files that an import writes beside the database."""

    rejects: Path | None
    report: Path | None
    overwrite: bool

    def check(self, crm: Crm) -> None:
        """Refuse now what could not be written after the import."""
        from crm_cli.jobs.importing import check_report_target

        if self.report is not None:
            check_report_target(crm.path(self.report), overwrite=self.overwrite)

    def run(self, crm: Crm) -> ImportRun:
        """Return how the import goes."""
        from crm_cli.jobs.importing import ImportRun

        rejects = crm.path(self.rejects) if self.rejects else None
        return ImportRun(rejects=rejects, dry_run=crm.dry_run, wait=crm.wait, reporting=self.report is not None)

    def write_report(self, crm: Crm, sources: Sequence[str], results: list[ImportResult], *, rehearsed: bool) -> None:
        """Write the report, where one was asked for."""
        from crm_cli.jobs.importing import ReportHead, write_report

        if self.report is None:
            return
        when = f"{crm.store.now().astimezone(crm.zone):%Y-%m-%d %H:%M}"
        named = ", ".join(hide_passwords(one, whole=True) for one in sources)
        head = ReportHead(named, crm.actor, when, rehearsed)
        write_report(crm.path(self.report), head, results, overwrite=self.overwrite)
        crm.console.note(f"report: {self.report}")


@dataclass(frozen=True)
class Errand:
    """What is to be imported: each source by itself, or with a `profile` all of them as one delivery."""

    crm: Crm
    sources: Sequence[str]
    options: ImportOptions
    written: Written
    door: AtTheDoor | None
    profile: Profile | None = None

    def run(self) -> ExitCode:
        """Import everything; return the code to end with."""
        deliveries = self._deliveries()
        if self.written.rejects and len(deliveries) > 1:
            raise UsageError("--rejects names one file, and several sources were given", hint="import them one by one")
        results: list[ImportResult] = []
        matched: list[Matched] = []
        try:
            for one in deliveries:
                result, found = self._import(one, self.written.run(self.crm))
                results.append(result)
                matched += found
        finally:  # what an earlier source did is shown even when a later one fails
            if results:
                show_import(self.crm, results, matched)
                self.written.write_report(self.crm, self.sources, results, rehearsed=self.crm.dry_run)
        return worst(*(result.exit_code for result in results))

    def make_plan(self, target: Path) -> ExitCode:
        """Do everything, write down what was done, and roll it back."""
        from crm_cli.exporters import write_whole

        path = new_file(self.crm, target, overwrite=self.written.overwrite)
        run = replace(self.written.run(self.crm), rejects=None, dry_run=True, planning=True)
        result, _ = self._import(self._only(), run)
        if result.plan is not None:
            text = result.plan.to_json().encode()
            write_whole(path, lambda stream: min(1, stream.write(text)), overwrite=self.written.overwrite)
        show_import(self.crm, [result], [], planned=True)
        self.written.write_report(self.crm, self.sources, [result], rehearsed=True)
        self.crm.console.note(f"the plan is in {target}; nothing was written to the database")
        named = " ".join(hide_passwords(one, whole=True) for one in self.sources)
        profile = f" --profile {self.profile.name}" if self.profile else ""
        self.crm.console.next_step(f"crm import {named}{profile} --plan {target}")
        return result.exit_code

    def carry_out(self, file: Path) -> ExitCode:
        """Do what a plan says, under the options that it was made with."""
        from crm_cli.jobs.importing import read_plan

        plan = read_plan(self.crm.path(file))
        planned = plan.import_options()
        options = replace(planned, source_name=plan.source_system, settings=self.options.settings)
        run = replace(self.written.run(self.crm), plan=plan)
        result, _ = replace(self, options=options)._import(self._only(), run)
        show_import(self.crm, [result], [])
        self.written.write_report(self.crm, self.sources, [result], rehearsed=self.crm.dry_run)
        return result.exit_code

    def _deliveries(self) -> list[list[Where]]:
        """The sources that are imported together: each by itself, or all of them."""
        from crm_cli.jobs.importing import files_of, own_files

        where = [one if one == "-" or "://" in one else self.crm.path(one) for one in self.sources]
        if self.profile:
            return [where]
        return [[one] for one in files_of(where, own_files(self.crm.store, self.crm.config.project))]

    def _only(self) -> list[Where]:
        deliveries = self._deliveries()
        if len(deliveries) > 1:
            raise UsageError("a plan is of one source, and several were given", hint="plan them one by one")
        return deliveries[0]

    def _import(self, where: list[Where], run: ImportRun) -> tuple[ImportResult, list[Matched]]:
        """Import what comes together; what is ambiguous is asked where somebody can answer, else refused."""
        from crm_cli.jobs.importing import GateError, UnsettledError

        options = self.options
        while True:
            try:
                with self.crm.console.progress("importing") as bar:
                    return self._import_matched(where, options, replace(run, progress=bar.advance))
            except GateError as fault:
                if not self.crm.console.json:
                    show_refused(self.crm, fault.facts["result"], run.rejects)
                raise
            except UnsettledError as question:
                if not self.crm.console.can_ask:
                    raise
                for value, sample in question.facts["choices"]:
                    self.crm.console.note(f"  {value}: {sample}")
                answer = self.crm.console.ask(question.message, flag=question.facts["flag"])
                options = options.settled(question.facts["flag"], answer)

    def _import_matched(
        self, where: list[Where], options: ImportOptions, run: ImportRun
    ) -> tuple[ImportResult, list[Matched]]:
        work = partial(self._work, where, options)
        if self.door is None:
            return work(self.crm.store, run), []
        from crm_cli.commands.match_rules import entity_rules
        from crm_cli.jobs.matching_at_the_door import import_and_match

        rules = partial(entity_rules, self.crm)
        return import_and_match(self.crm.store, work, self.crm.author, run, self.door, rules)

    def _work(self, where: list[Where], options: ImportOptions, store: Store, run: ImportRun) -> ImportResult:
        from crm_cli.jobs.importing import import_delivery, import_source

        if self.profile is not None:
            return import_delivery(store, where, self.profile, self.crm.author, options, run)
        return import_source(store, where[0], self.crm.author, options, run)
