"""Days that a sentence promises or demands: words to intervals of days.

    "by Friday", "i morgen", "do petka", "на следующей неделе", "bis Ende der Woche", "27.11."

A sentence becomes a string of codes (`date_words`), one letter a word; one expression finds the
shapes of dates in it. What lies in the past ("last Friday", "seit Montag") is no promise.

Conventions: a week is Monday to Sunday, its end is Friday; a weekday is the next one to come, never
today; a day without a year is the one to come, unless it has just passed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from mailhours.reading.date_days import named_days
from mailhours.reading.date_tokens import tokens


@dataclass(frozen=True, slots=True)
class DatePromise:
    """Days named in a text: its place (start, end), and the first and last day, both included."""

    start: int
    end: int
    first: date
    last: date


# What cannot be missing where a day is named: most sentences are done with here.
_ANY: Final = re.compile(r"[dwmWMkDo]|[1#]f*[hryB]|ef*y")
_SHAPES: Final = re.compile(
    # The past comes first: nothing is promised there.
    r"(?P<past>lf*[WMwkdym]|[WMwk]l|[1#](?:f*)[hyrBWM]+a|p[1#]r?[hyBWM]|sf*[wdmD]|sf*[#o]f*m)"
    r"|(?P<weekday_next>wf*nf*W|nf*Wf*w|wf*Wn)"
    r"|(?P<part>[ebx]f*(?:[nt]?f*[WM](?:f*n)?|m))"
    r"|(?P<end_of_day>ef*y)"
    r"|(?P<after_weekend>Af*k)"
    r"|(?P<relative>i(?:f*)[1#](?:f*)(?P<unit>r?[yBWMh])(?:r|f*y)?|if*(?P<bare>[WM])y?)"
    r"|(?P<course>cf*[nt]?f*[WM]n?)"
    r"|(?P<day_month>[#o1]f*m#?|mf*[#o]#?)"
    r"|(?P<numeric>D)"
    r"|(?P<next_week>nf*W|Wf*n)|(?P<this_week>tf*W)"
    r"|(?P<next_month>nf*M|Mf*n)|(?P<this_month>tf*M)"
    r"|(?P<weekend>n?f*k)"
    r"|(?P<next_weekday>nf*w|wf*n)|(?P<this_weekday>tf*w)|(?P<weekday>w)"
    r"|(?P<month>(?<=i)m|(?<=f)m)"
    r"|(?P<day>d)"
    r"|(?P<of_month>(?<=f)o(?!f*m))"
)


def dates(
    text: str, sent: datetime, zone: ZoneInfo, languages: tuple[str, ...] = ()
) -> tuple[DatePromise, ...]:
    """Return the days that `text` names, in its order, past days left out.

    `sent` is an aware moment; it gives the day of writing in the writer's `zone`. `languages`
    decide how 3/4 is read: month first when English alone is written.
    """
    found = tokens(text)
    shape = "".join(token.code for token in found)
    if not _ANY.search(shape):
        return ()
    today = sent.astimezone(zone).date()
    named = []
    for match in _SHAPES.finditer(shape):
        name = match.lastgroup
        if name is None or name == "past":
            continue
        part = found[match.start() : match.end()]
        before = found[match.start() - 1] if match.start() else None
        if before is not None and before.code == "s" and name != "numeric":
            continue
        days = named_days(name, part, before, today, month_first=languages == ("en",))
        if days is not None and days[1] >= today:
            named.append(DatePromise(part[0].start, part[-1].end, *days))
    return tuple(named)
