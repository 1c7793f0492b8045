"""The shapes of dates to days: what "next Friday" is, seen from the day of writing."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from mailhours.reading.date_tokens import Token
from mailhours.reading.date_words import COMING, PREPOSITIONS, WITHIN

Days = tuple[date, date]
_RECENT: Final = timedelta(days=60)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_FRIDAY: Final = 4
_MOST: Final = 400
"""Days, weeks or months ahead; more is no promise."""


def named_days(
    shape: str, part: list[Token], before: Token | None, today: date, *, month_first: bool
) -> Days | None:
    """Return the first and the last day that `part`, a date of this `shape`, names.

    None when it is no date after all. `before` is the word before it.
    """
    if shape in {"relative", "unit", "bare"}:
        return _relative(part, before, today)
    if shape == "numeric":
        return _numeric(part[0].text, before, today, month_first=month_first)
    return _SHAPES[shape](part, today)


def _monday(today: date) -> date:
    return today - today.weekday() * _DAY


def _value(part: list[Token], code: str) -> int:
    return next(token.value for token in part if token.code == code)


def _has(part: list[Token], code: str) -> bool:
    return any(token.code == code for token in part)


def _day(part: list[Token], today: date) -> Days:
    return _one(today + _value(part, "d") * _DAY)


def _weekday(part: list[Token], today: date) -> Days:
    return _one(_coming(today, _value(part, "w")))


def _this_weekday(part: list[Token], today: date) -> Days:
    return _one(_coming(today, _value(part, "w"), today_counts=True))


def _next_weekday(part: list[Token], today: date) -> Days:
    if any(token.text in COMING for token in part):
        return _weekday(part, today)
    return _weekday_of_next_week(part, today)


def _weekday_of_next_week(part: list[Token], today: date) -> Days:
    return _one(_monday(today) + _WEEK + _value(part, "w") * _DAY)


def _week(part: list[Token], today: date) -> Days:
    monday = _monday(today)
    if _has(part, "n"):
        return monday + _WEEK, monday + 13 * _DAY
    return today, monday + 6 * _DAY


def _whole_month(part: list[Token], today: date) -> Days:
    if _has(part, "n"):
        return _month(_later_month(today, 1))
    return today, _month(today)[1]


def _course(part: list[Token], today: date) -> Days:
    return _week(part, today) if _has(part, "W") else _whole_month(part, today)


def _weekend(part: list[Token], today: date) -> Days:
    saturday = _monday(today) + (12 if _has(part, "n") else 5) * _DAY
    return max(saturday, today), saturday + _DAY


def _after_weekend(_part: list[Token], today: date) -> Days:
    return _one(_monday(today) + _WEEK)


def _end_of_day(_part: list[Token], today: date) -> Days:
    return _one(today)


def _named_month(part: list[Token], today: date) -> Days:
    return _month(_with_year(today, _value(part, "m"), 28).replace(day=1))


def _one(day: date) -> Days:
    return day, day


def _coming(today: date, weekday: int, *, today_counts: bool = False) -> date:
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(days=ahead if ahead or today_counts else 7)


def _month(day: date) -> Days:
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


def _valid(today: date, month: int, day: int, year: int = 0) -> Days | None:
    if not (1 <= month <= 12 and 1 <= day <= 31) or day > calendar.monthrange(2024, month)[1]:
        return None
    if not year:
        return _one(_with_year(today, month, day))
    if year < 100:
        year += 2000
    if abs(year - today.year) > 5 or day > calendar.monthrange(year, month)[1]:
        return None
    return _one(date(year, month, day))


def _numeric(text: str, before: Token | None, today: date, *, month_first: bool) -> Days | None:
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


def _day_month(part: list[Token], today: date) -> Days | None:
    numbers = [token.value for token in part if token.code in "#o1"]
    month = next(token.value for token in part if token.code == "m")
    year = next((number for number in numbers if number > 1000), 0)
    days = [number for number in numbers if number <= 31]
    return _valid(today, month, days[0], year) if days else None


def _of_month(part: list[Token], today: date) -> Days | None:
    """Return the coming day with this number: "by the 27th"."""
    day = part[-1].value
    if not 1 <= day <= 31:
        return None
    first = today.replace(day=1)
    for months in range(3):
        month = _later_month(first, months)
        if day <= calendar.monthrange(month.year, month.month)[1]:
            found = month.replace(day=day)
            if found >= today:
                return _one(found)
    return None


def _part(part: list[Token], today: date) -> Days:
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
    return _one(last)


def _relative(part: list[Token], before: Token | None, today: date) -> Days | None:
    """Return "in two days", "within a week", "in 3 working days"."""
    count = next((token.value for token in part if token.code in "1#"), 1)
    kinds = {token.code for token in part[1:]}
    if count > _MOST:
        return None
    if "r" in kinds or "B" in kinds:
        last = today
        for _ in range(count):
            last += timedelta(days=1)
            while last.weekday() > _FRIDAY:
                last += timedelta(days=1)
    elif "h" in kinds:
        last = today + timedelta(days=count // 24)
    elif "M" in kinds:
        last = _later_month(today, count)
    else:
        last = today + timedelta(days=count * (7 if "W" in kinds else 1))
    within = part[0].text in WITHIN
    return (today if within or (before and before.text == "d") else last), last


_SHAPES: Final[Mapping[str, Callable[[list[Token], date], Days | None]]] = {
    "day": _day,
    "weekday": _weekday,
    "this_weekday": _this_weekday,
    "next_weekday": _next_weekday,
    "weekday_next": _weekday_of_next_week,
    "next_week": _week,
    "this_week": _week,
    "course": _course,
    "weekend": _weekend,
    "after_weekend": _after_weekend,
    "end_of_day": _end_of_day,
    "next_month": _whole_month,
    "this_month": _whole_month,
    "month": _named_month,
    "part": _part,
    "day_month": _day_month,
    "of_month": _of_month,
}
