"""`scorecard`: keep, fix the terms, or part ways; with the figures, their doubt, and the mirror."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from mailhours.cli import office, plots

if TYPE_CHECKING:
    from rich.console import Console

    from mailhours.model.portrait import Criterion, Mirror, Scorecard
    from mailhours.model.ratio import Ratio
    from mailhours.patterns.impatience import Impatience


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(scorecard)


def scorecard(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(help="Only this client.")] = None,
    config: office.Config = None,
    as_json: office.AsJson = False,
) -> None:
    """Show what contact with each client takes, and whether it should go on as it does."""
    from mailhours.service.figures import portrait_document
    from mailhours.service.portraits import portraits

    with office.account(context, config) as account:
        if key is not None:
            office.known_client(account.settings, key)
        made = portraits(account, account.clock(), key)
        names = {client.key: client.name for client in account.settings.clients}
        local = account.settings.owner.calendar.local
        documents = {}
        if as_json:
            for one in made:
                history = account.ledger.readings.history(one)
                ids = {m.key: m.message_id or m.key for m in history}
                documents[one] = portrait_document(made[one], ids, local)
    if as_json:
        office.emit({"clients": documents})
        return
    console = office.console()
    for n, (one, shown) in enumerate(made.items()):
        if n:
            console.print()
        console.print(f"{names[one]} ({one}): {shown.scorecard.band.value}")
        for line in card_lines(console, shown.scorecard):
            console.print(f"  {line}")
        for line in patience_lines(console, shown.patience, local):
            console.print(f"  {line}")
        for line in mirror_lines(shown.mirror):
            console.print(f"  {line}")


_NAMES = {
    "involvement": "mails that press",
    "revisions": "rounds not agreed",
    "scope": "additions",
    "room": "share of all mail",
}


def card_lines(console: Console, card: Scorecard) -> Iterator[str]:
    """Yield the criteria, the repair plan and the effort of a scorecard."""
    for one in card.criteria:
        yield _criterion(console, one)
    plan = card.plan
    if plan is not None:
        goals = ", ".join(_NAMES[name] for name in plan.goals) or "none"
        yield f"repair plan until {plan.until}: {plan.state.value}; goals: {goals}"
    elif card.met:
        yield 'before parting: mailhours note CLIENT "repair plan until DATE: what must change"'
    spent = card.effort
    hours, minutes = divmod(spent.minutes, 60)
    yield (
        f"contact: {spent.received} mails received, {spent.sent} sent, "
        f"{spent.interruptions} interruptions, about {hours} h {minutes:02} min"
    )
    if card.cost is not None:
        share = "" if card.cost.share is None else f", {card.cost.share:.0%} of it"
        yield f"cost of contact: {card.cost.contact} beside {card.cost.revenue} invoiced{share}"


def _criterion(console: Console, one: Criterion) -> str:
    name = f"{_NAMES[one.name]:<18}"
    if not one.total.of:
        return f"{name} nothing to count"
    picture = plots.bar(console, one.total.share or 0.0)
    months = plots.line(console, [ratio.share or 0.0 for _, ratio in one.months])
    parts = [picture, f"{_share(one.total)}, limit {one.limit:.0%}: {one.state.value}"]
    if one.trend != "unknown":
        parts.append(f"{one.trend} {months}".rstrip())
    if one.state.value == "met":
        parts.append(f"{one.change} fewer would bring it to the limit")
    return f"{name} " + "  ".join(part for part in parts if part)


def _share(ratio: Ratio) -> str:
    low, high = ratio.interval
    return f"{ratio.hits} of {ratio.of} ({low:.0%} to {high:.0%})"


def patience_lines(
    console: Console, made: Impatience, local: Callable[[datetime], datetime]
) -> Iterator[str]:
    """Yield what was learned of a client's patience."""
    if not made.wall.events:
        return
    if not made.enough:
        yield f"patience: {made.wall.events} chases, too little data to foresee the next"
        return
    learned = made.learned
    half = learned.quantile(0.5)
    unit = " of office time" if made.in_business else ""
    curve = plots.line(console, [1.0, *(point.share for point in learned.points)][:40])
    if half.at is None:
        yield f"patience: most mails are answered before they chase {curve}".rstrip()
    else:
        ends = f"{_minutes(half.low)} to {_minutes(half.high)}"
        yield f"patience: half chase within {_minutes(half.at)}{unit} ({ends}) {curve}".rstrip()
    if made.before_due is not None:
        yield f"they ask {made.before_due.median:g} days before a date"
    if made.status is not None and made.status.said != "none":
        yield f"after early status they chase {made.status.said}"
    if made.prediction is not None:
        at, by = local(made.prediction.at), local(made.prediction.send_by)
        yield f"next chase about {at:%a %d %b %H:%M}: a word by {by:%a %d %b %H:%M} comes before it"


def _minutes(value: float | None) -> str:
    if value is None:
        return "never"
    hours, minutes = divmod(int(value), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def mirror_lines(made: Mirror) -> Iterator[str]:
    """Yield how the owner fared with a client."""
    if made.late.of:
        yield f"you: {_share(made.late)} answers late"
    if made.broken.of:
        yield f"you: {_share(made.broken)} named days not kept"
    if made.undated.of:
        yield f"you: {_share(made.undated)} asks without a day"
    if made.rewarded.of:
        yield (
            f"you trained them: {made.rewarded.hits} of {made.rewarded.of} early chases were "
            "answered at once, outside the check-ins"
        )
