"""What was learned of a client's patience, and of the owner with it, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from mailhours.cli import plots

if TYPE_CHECKING:
    from rich.console import Console

    from mailhours.model.portrait import Mirror
    from mailhours.model.ratio import Ratio
    from mailhours.patterns.impatience import Impatience


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


def _share(ratio: Ratio) -> str:
    low, high = ratio.interval
    return f"{ratio.hits} of {ratio.of} ({low:.0%} to {high:.0%})"
