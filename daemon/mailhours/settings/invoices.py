"""Invoices: tables of the client file, or a CSV that another program writes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mailhours.model.client import Agreement, Invoice, Money
from mailhours.model.duration import Duration
from mailhours.model.faults import Problem
from mailhours.settings import written
from mailhours.settings.documents import read_text, shown
from mailhours.settings.schema import ClientFile
from mailhours.settings.suggestion import did_you_mean, quoted
from mailhours.settings.validation import Reading

COLUMNS = ("number", "project", "issued", "due", "amount", "paid")
NEEDED = ("number", "issued", "amount")


@dataclass(frozen=True, slots=True)
class Row:
    """One invoice as it is written, with its place; `due` may still follow from the terms."""

    place: Callable[[str, str], Problem]
    number: str
    project: str
    issued: date
    due: date | None
    amount: Money
    paid: date | None

    def invoice(self, agreed: Sequence[Agreement]) -> Invoice | None:
        """Return the invoice; None when neither it nor the agreement says when it is due."""
        due = self.due
        terms = self.terms(agreed)
        if due is None and terms is not None:
            due = self.issued + terms.wall
        if due is None:
            return None
        return Invoice(self.number, self.project, self.issued, due, self.amount, self.paid)

    def terms(self, agreed: Sequence[Agreement]) -> Duration | None:
        """Return the payment terms of the day on which it was issued."""
        held = [a for a in agreed if a.valid_from is None or a.valid_from <= self.issued]
        return (held or agreed)[-1].payment if agreed else None


def from_tables(client: Reading[ClientFile]) -> list[Row]:
    """Return the `[[invoice]]` tables that are complete; what is wrong is told elsewhere."""
    rows = []
    for index, table in enumerate(client.values.invoice):

        def place(key: str, what: str, index: int = index) -> Problem:
            return client.problem(("invoice", index, key), what)

        if table.amount is not None and table.number and table.issued != written.FIRST_DAY:
            rows.append(
                Row(
                    place,
                    table.number,
                    table.project,
                    table.issued,
                    table.due,
                    table.amount,
                    table.paid,
                )
            )
    return rows


def from_csv(path: Path) -> tuple[list[Row], list[Problem]]:
    """Return the invoices of a CSV and what is wrong with it.

    The first line names the columns; `;` and tabs separate as well as commas, in any order, and
    other columns are passed over.
    """
    text = read_text(path)
    if isinstance(text, Problem):
        return [], [text]
    file = shown(path)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        columns = [name.strip().casefold() for name in next(lines, [])]
        problems += _check_columns(file, columns)
        if problems:
            return [], problems
        line = lines.line_num + 1
        for cells in lines:
            if any(cell.strip() for cell in cells):
                row, wrong = _row(file, line, dict(zip(columns, cells, strict=False)))
                problems += wrong
                rows += [row] if row else []
            line = lines.line_num + 1
    except csv.Error as error:
        problems.append(Problem(file, lines.line_num or 1, "", f"is not CSV: {error}"))
    return rows, problems


def check_invoices(
    client: Reading[ClientFile], rows: Sequence[Row], agreed: Sequence[Agreement]
) -> Iterator[Problem]:
    """Yield what does not fit together in one client's invoices."""
    projects = [project.key for project in client.values.project]
    numbers: set[str] = set()
    for row in rows:
        if row.number in numbers:
            yield row.place("number", f"{quoted(row.number)} stands here twice")
        numbers.add(row.number)
        if row.project and row.project not in projects:
            what = f"there is no [[project]] {quoted(row.project)}"
            yield row.place("project", what + did_you_mean(row.project, projects))
        if row.due and row.due < row.issued:
            yield row.place("due", f"{row.due} is before it was issued ({row.issued})")
        if row.invoice(agreed) is None:
            what = 'is missing; write due = 2026-02-15, or payment = "net 14" in [[agreement]]'
            yield row.place("due", what)


def _check_columns(file: str, columns: list[str]) -> list[Problem]:
    problems = []
    for name in NEEDED:
        if name not in columns:
            listed = ", ".join(COLUMNS)
            problems.append(Problem(file, 1, name, f"no such column; the columns are {listed}"))
    twice = [name for name in COLUMNS if columns.count(name) > 1]
    return problems + [Problem(file, 1, name, "two columns have this name") for name in twice]


def _row(file: str, line: int, cells: dict[str, str]) -> tuple[Row | None, list[Problem]]:
    problems: list[Problem] = []

    def place(key: str, what: str) -> Problem:
        return Problem(file, line, key, what)

    def cell(key: str, read: Callable[[object], Any]) -> Any:  # noqa: ANN401 - of any column
        text = cells.get(key, "").strip()
        if not text and key not in NEEDED:
            return None
        try:
            return read(text)
        except ValueError as error:
            problems.append(place(key, str(error)))
            return None

    number = cell("number", written.name)
    project = cell("project", written.line) or ""
    issued, due = cell("issued", written.day), cell("due", written.day)
    amount, paid = cell("amount", written.money), cell("paid", written.day)
    if problems:
        return None, problems
    return Row(place, number, project, issued, due, amount, paid), []
