"""Days that a sentence promises or demands: words to intervals of days.

    "by Friday", "i morgen", "do petka", "на следующей неделе", "bis Ende der Woche", "27.11."

A sentence becomes a string of codes (`date_words`), one letter a word; one expression finds the
shapes of dates in it. What lies in the past ("last Friday", "seit Montag") is no promise.

Conventions: a week is Monday to Sunday, its end is Friday; a weekday is the next one to come, never
today; a day without a year is the one to come, unless it has just passed.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from mailhours.reading.date_words import (
    BEFORE_DOUBTFUL,
    COMPOUNDS,
    DOUBTFUL,
    NOT_TOMORROW,
    PREPOSITIONS,
    codes,
)
from mailhours.reading.sentences import WORD, fold


@dataclass(frozen=True, slots=True)
class DatePromise:
    """Days named in a text: its place (start, end), and the first and last day, both included."""

    start: int
    end: int
    first: date
    last: date


_TOKEN: Final = re.compile(
    r"(?P<iso>\b\d{4}-\d{2}-\d{2}\b)"
    r"|(?P<numeric>(?<![\d.,/])\d{1,2}(?:\.[ ]?\d{1,2}(?:\.(?:[ ]?\d{4}|\d{2})?|(?![\d.,])(?!\s*(?:%|€|h\b|uhr\b)))"
    r"|/\d{1,2}(?:/\d{2,4})?)(?![\d/]))"
    r"|(?P<number>(?<![\d.,:])\d{1,4}(?![\d:%]|[.,]\d)(?P<ordinal>st\b|nd\b|rd\b|th\b|er\b|\.(?=\s|$)|-?го\b|º)?)"
    rf"|(?P<word>{WORD})|(?P<stop>[.!?;\n])"
)
_SHAPES: Final = re.compile(
    # past: nothing is promised
    r"(?P<past>lf*[WMwkdym]|[WMwk]l|[1#](?:f*)[hyrBWM]+a|p[1#]r?[hyBWM]|sf*[wdmD]|sf*[#o]f*m)"
    r"|(?P<weekday_next>wf*nf*W|nf*Wf*w|wf*Wn)"
    r"|(?P<part>[ebx]f*(?:[nt]?f*[WM]n?|m))"
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
# "vendredi prochain", "el próximo viernes": the coming one, not the one of next week.
_COMING: Final = frozenset(
    "prochain proximo viene kommenden kommende coming siguiente iduci".split()
)
_RECENT: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str
    code: str
    value: int


def dates(
    text: str, sent: datetime, zone: ZoneInfo, languages: tuple[str, ...] = ()
) -> tuple[DatePromise, ...]:
    """Return the days that `text` names, in its order, past days left out.

    `sent` is an aware moment; it gives the day of writing in the writer's `zone`. `languages`
    decide how 3/4 is read: month first when English alone is written.
    """
    tokens = _tokens(text)
    shape = "".join(token.code for token in tokens)
    if not re.search(r"[dwmWMkDo]|[1#]f*[hryB]|ef*y", shape):
        return ()
    today = sent.astimezone(zone).date()
    month_first = languages == ("en",)
    found = []
    for match in _SHAPES.finditer(shape):
        if match.lastgroup == "past":
            continue
        part = tokens[match.start() : match.end()]
        before = tokens[match.start() - 1] if match.start() else None
        if before is not None and before.code == "s" and match.group() != "D":
            continue
        days = _resolve(match, part, before, today, month_first=month_first)
        if days is not None and days[1] >= today:
            found.append(DatePromise(part[0].start, part[-1].end, *days))
    return tuple(found)


def _tokens(text: str) -> list[_Token]:
    """Return words and numbers with their codes; `.` for words that are of no matter."""
    table = codes()
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        raw = match.group()
        kind = match.lastgroup
        if kind == "iso" or kind == "numeric":
            tokens.append(_Token(start, end, raw, "D", 0))
            continue
        if match.group("number"):
            code = "o" if match.group("ordinal") else "#"
            tokens.append(_Token(start, end, raw, code, int(re.match(r"\d+", raw).group())))  # type: ignore[union-attr]
            continue
        if kind == "stop":
            tokens.append(_Token(start, end, raw, "|", 0))
            continue
        word = fold(raw)
        before = tokens[-1].text if tokens else ""
        if word in COMPOUNDS:
            tokens.extend(_Token(start, end, word, part, 0) for part in COMPOUNDS[word])
            continue
        code, value = table.get(word, (".", 0))
        if word in DOUBTFUL and not (raw[0].isupper() or before in BEFORE_DOUBTFUL):
            code = "." if not (tokens and tokens[-1].code in "#o") else code
        if word in {"morgen", "manana"} and before in NOT_TOMORROW:
            code = "."
        elif before == "i" and word in {"dag", "kveld", "ettermiddag", "formiddag"}:
            code, value = "d", 0
        elif word == "des" and not (tokens and tokens[-1].code in "#o"):
            code = "f"  # German and French; "5. des" is Norwegian
        elif before == "i" and word == "overmorgen":
            code, value = "d", 2
        elif before in {"this", "denne", "cet", "esta"} and word in _PARTS_OF_DAY:
            code, value = "d", 0
        elif word == "tomorrow" and before == "after":
            code, value = "d", 2
        elif word == "demain" and before == "apres":
            code, value = "d", 2
        elif word == "manana" and before == "pasado":
            code, value = "d", 2
            tokens[-1] = _Token(tokens[-1].start, tokens[-1].end, before, ".", 0)
        elif word == "hui" and before == "aujourd":
            code, value = "d", 0
        elif word == "end" and before == "week":
            code, value = "k", 0
            tokens[-1] = _Token(tokens[-1].start, tokens[-1].end, before, ".", 0)
        tokens.append(_Token(start, end, word, code, value))
    return _settled(tokens)


def _settled(tokens: list[_Token]) -> list[_Token]:
    """Settle words that mean one thing or another by what follows them."""
    for at in range(len(tokens) - 1):
        token, after = tokens[at], tokens[at + 1]
        if token.text == "en" and after.code in "1#":
            tokens[at] = replace(token, code="i")  # Spanish and French; Norwegian: one
        elif (
            token.text == "siden" and after.code in "wmD" and (not at or tokens[at - 1].code != "y")
        ):
            tokens[at] = replace(token, code="s")
        elif token.text == "fin" and [t.text for t in tokens[at + 1 : at + 3]] == ["de", "semana"]:
            tokens[at] = replace(token, code=".")
            tokens[at + 2] = replace(tokens[at + 2], code="k")
    return tokens


_PARTS_OF_DAY: Final = frozenset("morning afternoon evening aften soir tarde noche".split())


def _resolve(
    match: re.Match[str],
    part: list[_Token],
    before: _Token | None,
    today: date,
    *,
    month_first: bool,
) -> tuple[date, date] | None:
    """Return the first and the last day of one shape, None when it is no date after all."""
    shape = match.lastgroup
    if match.group("relative"):
        return _relative(part, before, today)
    value = {token.code: token.value for token in part}
    monday = today - timedelta(days=today.weekday())
    match shape:
        case "day":
            return _same(today + timedelta(days=value["d"]))
        case "weekday" | "this_weekday":
            return _same(_coming(today, value["w"], today_counts=shape == "this_weekday"))
        case "next_weekday":
            if any(token.text in _COMING for token in part):
                return _same(_coming(today, value["w"]))
            return _same(monday + timedelta(days=7 + value["w"]))
        case "weekday_next":
            return _same(monday + timedelta(days=7 + value["w"]))
        case "next_week":
            return monday + timedelta(days=7), monday + timedelta(days=13)
        case "this_week":
            return today, monday + timedelta(days=6)
        case "weekend":
            saturday = monday + timedelta(days=12 if "n" in value else 5)
            return max(saturday, today), saturday + timedelta(days=1)
        case "end_of_day":
            return _same(today)
        case "after_weekend":
            return _same(monday + timedelta(days=7))
        case "course":
            if "W" in value:
                return (
                    (monday + timedelta(days=7), monday + timedelta(days=13))
                    if "n" in value
                    else (today, monday + timedelta(days=6))
                )
            return _month(_later_month(today, 1)) if "n" in value else (today, _month(today)[1])
        case "next_month":
            return _month(_later_month(today, 1))
        case "this_month":
            return today, _month(today)[1]
        case "month":
            return _month(_with_year(today, value["m"], 28).replace(day=1))
        case "part":
            return _part(part, today)
        case "numeric":
            return _numeric(part[0].text, before, today, month_first=month_first)
        case "day_month":
            return _day_month(part, today)
        case "of_month":
            return _of_month(part[-1].value, today)
    return None


def _same(day: date) -> tuple[date, date]:
    return day, day


def _coming(today: date, weekday: int, *, today_counts: bool = False) -> date:
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(days=ahead if ahead or today_counts else 7)


def _month(day: date) -> tuple[date, date]:
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=1), day.replace(day=last)


def _later_month(day: date, months: int) -> date:
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _with_year(today: date, month: int, day: int) -> date:
    """Return the day in this year, or in the next one when it is long past."""
    year = today.year
    for _ in range(5):  # 29 February waits for its year
        if day <= calendar.monthrange(year, month)[1]:
            found = date(year, month, day)
            if found >= today - _RECENT:
                return found
        year += 1
    return date(today.year + 1, month, min(day, 28))


def _valid(today: date, month: int, day: int, year: int = 0) -> tuple[date, date] | None:
    if not (1 <= month <= 12 and 1 <= day <= 31) or day > calendar.monthrange(2024, month)[1]:
        return None
    if not year:
        return _same(_with_year(today, month, day))
    if year < 100:
        year += 2000
    if abs(year - today.year) > 5 or day > calendar.monthrange(year, month)[1]:
        return None
    return _same(date(year, month, day))


def _numeric(
    text: str, before: _Token | None, today: date, *, month_first: bool
) -> tuple[date, date] | None:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if "-" in text:
        return _valid(today, numbers[1], numbers[2], numbers[0])
    year = numbers[2] if len(numbers) > 2 else 0
    sure = year or text.endswith(".") or (before is not None and before.text in PREPOSITIONS)
    if not sure:
        return None
    day, month = numbers[:2]
    if "/" in text and (month > 12 or (month_first and day <= 12)):
        day, month = month, day
    return _valid(today, month, day, year)


def _day_month(part: list[_Token], today: date) -> tuple[date, date] | None:
    numbers = [token.value for token in part if token.code in "#o1"]
    month = next(token.value for token in part if token.code == "m")
    year = next((number for number in numbers if number > 1000), 0)
    days = [number for number in numbers if number <= 31]
    return _valid(today, month, days[0], year) if days else None


def _of_month(day: int, today: date) -> tuple[date, date] | None:
    """Return the coming day with this number: "by the 27th"."""
    if not 1 <= day <= 31:
        return None
    first = today.replace(day=1)
    for months in range(3):
        month = _later_month(first, months)
        if day <= calendar.monthrange(month.year, month.month)[1]:
            found = month.replace(day=day)
            if found >= today:
                return _same(found)
    return None


def _part(part: list[_Token], today: date) -> tuple[date, date]:
    """Return the beginning, middle or end of a week or month."""
    where = part[0].code
    kinds = {token.code for token in part}
    if "W" in kinds:
        monday = today - timedelta(days=today.weekday())
        if "n" in kinds:
            monday += timedelta(days=7)
        elif where == "e" and today.weekday() > 4:
            return today, monday + timedelta(days=6)
        days = {"b": (0, 1), "x": (2, 2), "e": (4, 4)}[where]
        return monday + timedelta(days=days[0]), monday + timedelta(days=days[1])
    if "m" in kinds:
        month = next(token.value for token in part if token.code == "m")
        first, last = _month(_with_year(today, month, 28))
    else:
        first, last = _month(_later_month(today, 1) if "n" in kinds else today)
    if where == "b":
        return first, first.replace(day=10)
    if where == "x":
        return first.replace(day=11), first.replace(day=20)
    return _same(last)


def _relative(part: list[_Token], before: _Token | None, today: date) -> tuple[date, date] | None:
    """Return "in two days", "within a week", "in 3 working days"."""
    count = next((token.value for token in part if token.code in "1#"), 1)
    kinds = {token.code for token in part[1:]}
    if count > 400:
        return None
    if "r" in kinds or "B" in kinds:
        last = today
        for _ in range(count):
            last += timedelta(days=1)
            while last.weekday() > 4:
                last += timedelta(days=1)
    elif "h" in kinds:
        last = today + timedelta(days=count // 24)
    elif "M" in kinds:
        last = _later_month(today, count)
    else:
        last = today + timedelta(days=count * (7 if "W" in kinds else 1))
    within = part[0].text in {
        "within",
        "innen",
        "binnen",
        "innerhalb",
        "unutar",
        "sous",
        "течение",
    }
    return (today if within or (before and before.text == "d") else last), last
