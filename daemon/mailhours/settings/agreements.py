"""What was agreed, by date: a client's own tables over the defaults of mailhours.toml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from mailhours.model.client import Agreement
from mailhours.model.duration import Duration, Unit
from mailhours.model.faults import Problem
from mailhours.settings.calendars import check_dates, dated
from mailhours.settings.schema import AgreementTable, ClientFile, MainFile
from mailhours.settings.suggestion import did_you_mean, quoted
from mailhours.settings.validation import Reading

DEFAULT = Agreement(None, Duration(1, Unit.BUSINESS_DAY), Duration(3, Unit.BUSINESS_DAY))


def agreements(
    general: Sequence[AgreementTable], own: Sequence[AgreementTable]
) -> tuple[Agreement, ...]:
    """Return a client's agreements by date, each complete.

    On each day the client's own words win, and what they leave out is as in the general ones; in
    both, what a later table leaves out stays as an earlier one said.
    """
    dates = sorted({table.valid_from for table in (*general, *own)} | {None}, key=_order)
    found = []
    for day in dates:
        agreed = replace(DEFAULT, valid_from=day)
        for tables in (general, own):
            for index in dated([(i, t.valid_from) for i, t in enumerate(tables)]):
                if _order(tables[index].valid_from) <= _order(day):
                    agreed = _amended(agreed, tables[index])
        found.append(agreed)
    if len(found) > 1 and replace(found[1], valid_from=None) == found[0]:
        del found[1]  # says nothing new
    return tuple(found)


def check_agreements(
    reading: Reading[MainFile] | Reading[ClientFile], main: Reading[MainFile] | None
) -> Iterator[Problem]:
    """Yield what does not fit together in the agreements of one file."""
    tables = reading.values.agreement
    yield from check_dates(reading, "agreement", [table.valid_from for table in tables])
    if main is None:
        return
    owner = main.values.owner
    ours = [a for a in (owner.address, *owner.aliases, *owner.colleagues) if a]
    complete = all(main.has("owner", k) for k in ("address",)) and ours
    for index, table in enumerate(tables):
        if complete and table.contact and table.contact not in ours:
            what = f"{quoted(table.contact)} is neither yours nor a colleague's"
            hint = did_you_mean(table.contact, ours)
            yield reading.problem(("agreement", index, "contact"), what + hint)


def _amended(agreed: Agreement, table: AgreementTable) -> Agreement:
    names = (
        "answer_within",
        "feedback_within",
        "turnaround",
        "contact",
        "revision_rounds",
        "payment",
        "clauses",
    )
    said = {name: getattr(table, name) for name in names if getattr(table, name) is not None}
    return replace(agreed, **said)


def _order(day: date | None) -> date:
    return day or date.min
