"""Away until when: what an out-of-office says, in fifteen languages (`data/away.toml`).

The day returned is the day that the mail names: the last day away ("until 8 May"), or the first day
back ("back on 11 May"), whichever is later. Who returns on a day is counted as away on it, because
nobody should be reminded on the morning of their return.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources

from mailhours.reading.robotwords import fold

_LONGEST = timedelta(days=400)  # a year of leave, and some days more
_STALE = timedelta(days=45)  # a day without a year that passed so lately is none of next year
# Characters: between the word that leads to a date and the date; that are looked through for one.
_REACH = 34
_SPAN = 90
# Characters of a mail, folded: robots say it at the beginning.
_TEXT_LIMIT = 1500
_SAYS_LIMIT = 800
_WORD = re.compile(r"\w+")
# The same for ASCII, several times faster: what stands between words becomes space.
_BETWEEN = {code: " " for code in range(128) if not _WORD.match(chr(code))}
# Day and month in numbers, and the year if it is there: 5.6., 05/06/2026, 2026-06-05, 5-6-26.
_NUMERIC = (
    r"(?P<iso>\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{4}[./]\d{1,2}[./]\d{1,2}\b)"
    r"|(?P<numeric>(?<![\d.:])\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4}\b|\d{2}\b)?(?!\d)"
    r"|(?<![\d.:/])\d{1,2}[/-]\d{1,2}(?:[/-](?:\d{4}|\d{2})\b)?(?![\d/])"
    r"|(?<![\d.:])\d{1,2}\.\d{1,2}(?![\d.:]))"
)
_DAY = r"(?<![\d.:/])(?P<{0}>\d{{1,2}})(?:st|nd|rd|th|er|re|e|o|-?го|-го|-е)?\.?(?![\d:/])"
_GAP = r"[\s,]*(?:(?:of|de|del|di|d'|den|the|ten|dnia|-)\s*)?"


@dataclass(frozen=True, slots=True)
class Away:
    """What an out-of-office says: the words that show it, and the days, where it names them."""

    says: str
    first: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class _Language:
    says: tuple[str, ...]
    until: re.Pattern[str]
    back: re.Pattern[str]
    before: re.Pattern[str] | None
    dates: re.Pattern[str]
    between: re.Pattern[str]
    months: tuple[tuple[str, int], ...]
    weekdays: tuple[tuple[str, int], ...]
    tomorrow: frozenset[str]
    month_first: bool


class AwayWords:
    """The words of absence of every language; each is compiled when it is first needed."""

    def __init__(self) -> None:
        """Load the packaged words."""
        source = resources.files("mailhours.reading").joinpath("data", "away.toml")
        data = tomllib.loads(source.read_text("utf-8"))
        self._words = data
        self._compiled: dict[str, _Language] = {}
        self._says: dict[str, list[tuple[str, str]]] = {}
        for name, words in data.items():
            for phrase in map(fold, words["says"]):
                opening = _WORD.findall(phrase)[0]
                self._says.setdefault(opening, []).append((phrase, name))

    def says(self, text: str) -> dict[str, str]:
        """Return by language the phrase with which `text` says that its writer is away."""
        return self._said(_folded(text[:_SAYS_LIMIT]))

    def _said(self, folded: str) -> dict[str, str]:
        found: dict[str, str] = {}
        is_ascii = folded.isascii()
        words = folded.translate(_BETWEEN).split() if is_ascii else _WORD.findall(folded)
        for word in self._says.keys() & words:
            for phrase, name in self._says[word]:
                if len(phrase) > len(found.get(name, "")) and phrase in folded:
                    found[name] = phrase
        return found

    def read(self, text: str, sent: date, preferred: str = "") -> Away:
        """Return what `text` says of an absence; `sent` is its local day, `preferred` its language.

        Dates are read in the languages in which the text says that its writer is away; if it does
        not say so, in the preferred one and in English. Days long past, or more than 400 days
        ahead, are not believed.
        """
        folded = _folded(text[:_TEXT_LIMIT])
        said = self._said(folded)
        names = sorted(said, key=lambda name: (name != preferred, -len(said[name])))
        if not names:
            names = [name for name in dict.fromkeys((preferred, "en")) if name in self._words]
        for name in names:
            days = list(_named(self._language(name), folded, sent))
            ends = [day for kind, day in days if kind != "first" and _believable(day, sent)]
            if ends:
                first = min((day for kind, day in days if kind == "first"), default=None)
                return Away(said.get(name, ""), first, max(ends))
        return Away(next(iter(said.values()), ""), None, None)

    def _language(self, name: str) -> _Language:
        known = self._compiled.get(name)
        if known is None:
            known = self._compiled[name] = _compiled(self._words[name])
        return known


def _folded(text: str) -> str:
    return " ".join(fold(text).split())


def _named(language: _Language, text: str, sent: date) -> Iterator[tuple[str, date]]:
    """Yield the days named, each as `first`, `until` or `back`."""
    for found in language.between.finditer(text):
        last = _day(language, found, "b", sent)
        start = _day(language, found, "a", sent, near=last)
        if last:
            yield "until", last
        if last and start and start <= last:
            yield "first", start
    for kind, lead in (("until", language.until), ("back", language.back)):
        for found in lead.finditer(text):
            window = text[found.end() : found.end() + _SPAN]
            for day in _first_day(language, window, sent):
                yield kind, day
    if language.before is not None:
        for found in language.before.finditer(text):
            window = text[max(0, found.start() - _REACH) : found.start()]
            days = [
                d for m in language.dates.finditer(window) if (d := _day(language, m, "", sent))
            ]
            if days:
                yield "until", days[-1]


def _first_day(language: _Language, window: str, sent: date) -> Iterator[date]:
    """Yield the day that begins near the start of `window`; a full date beats a bare weekday."""
    held: date | None = None
    for found in language.dates.finditer(window):
        if found.start() > _REACH:
            break
        day = _day(language, found, "", sent)
        if day is None:
            continue
        if found["weekday"] or found["loose"]:
            held = held or day
            continue
        held = day
        break
    if held:
        yield held


def _day(
    language: _Language, found: re.Match[str], side: str, sent: date, near: date | None = None
) -> date | None:
    """Return the day of a match; `side` names the groups of one end of a range."""
    groups = found.groupdict()

    def group(name: str) -> str:
        return groups.get(f"{name}{side}") or ""

    if text := group("iso"):
        year, month, day = (int(n) for n in re.split(r"[-./]", text))
        return _made(year, month, day)
    if text := group("numeric"):
        return _from_numbers(language, [int(n) for n in re.findall(r"\d+", text)], sent)
    month_word = group("month") or group("month2")
    number = group("day") or group("day2") or groups.get(f"day_{side}") or ""
    if month_word:
        month = next(n for begin, n in language.months if month_word.startswith(begin))
        year_text = group("year") or group("year2")
        if year_text:
            return _made(int(year_text), month, int(number))
        return _nearest(month, int(number), sent)
    if number and near is not None:
        return _made(near.year, near.month, int(number))
    if word := group("weekday"):
        weekday = next(n for begin, n in language.weekdays if word.startswith(begin))
        return sent + timedelta(days=(weekday - sent.weekday() - 1) % 7 + 1)
    if word := group("loose"):
        is_tomorrow = word in language.tomorrow
        return sent + timedelta(days=1 if is_tomorrow else 7 - sent.weekday())
    return None


def _from_numbers(language: _Language, numbers: list[int], sent: date) -> date | None:
    day, month = numbers[:2]
    year = numbers[2] if len(numbers) > 2 else None
    if year is not None and year < 100:
        year += 2000
    orders = [(day, month), (month, day)] if language.month_first else [(day, month)]
    if month > 12:
        orders = [(month, day)]
    days = [
        d
        for one, two in orders
        if (d := _made(year, two, one) if year else _nearest(two, one, sent)) is not None
    ]
    # Where both readings make a day, the one that comes sooner after the mail is meant.
    ahead = [d for d in days if d >= sent]
    return min(ahead) if ahead else max(days, default=None)


def _nearest(month: int, day: int, sent: date) -> date | None:
    """Return the day without a year that is meant: the next one, unless it has just passed."""
    for year in (sent.year - 1, sent.year, sent.year + 1):
        made = _made(year, month, day)
        if made is not None and made >= sent - _STALE:
            return made
    return None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _believable(day: date, sent: date) -> bool:
    return sent - _STALE <= day <= sent + _LONGEST


def _compiled(words: dict[str, list[str] | bool]) -> _Language:
    def listed(key: str) -> list[str]:
        held = words.get(key, [])
        return [fold(w) for w in held] if isinstance(held, list) else []

    months = sorted(((m, n) for n, m in enumerate(listed("months"), 1)), key=lambda m: -len(m[0]))
    weekdays = list(zip(listed("weekdays"), range(7), strict=True))
    month = rf"(?:{'|'.join(re.escape(m) for m, _ in months)})\w{{0,9}}\.?"
    loose = "|".join(map(re.escape, [*listed("next_week"), *listed("tomorrow")]))
    weekday = "|".join(re.escape(w) for w, _ in weekdays)
    year = r"(?:[\s,.]*(?P<{0}>20\d\d)\b)?"

    def full(side: str, *, bare: bool) -> str:
        numeric = _NUMERIC.replace("<iso>", f"<iso{side}>").replace("<numeric>", f"<numeric{side}>")
        day, day2 = _DAY.format(f"day{side}"), _DAY.format(f"day2{side}")
        parts = [
            numeric,
            rf"{day}{_GAP}(?P<month{side}>\b{month}){year.format(f'year{side}')}",
            rf"(?P<month2{side}>\b{month})\s+{day2}{year.format(f'year2{side}')}",
        ]
        if bare:
            parts.append(_DAY.format(f"day{side}").replace(f"?P<day{side}>", f"?P<day{side}_>"))
        return "|".join(parts)

    ahead = rf"(?:\s*(?:\b(?:{weekday})\w*\b)?[\s,.]*(?:den|the|dem|le|el|il|dia|dnia|d\.)?[\s,]*)"
    to = "|".join(sorted(map(re.escape, [*listed("to"), "-", "–", "—"]), key=len, reverse=True))
    first = full("a", bare=True).replace("daya_", "day_a")
    behind = rf"(?:\s*(?:\b(?:{weekday})\w*\b)?)\s*(?:inkl\.?|incl\.?)?\s*"
    between = rf"(?:{first}){behind}(?:{to}){ahead}(?:{full('b', bare=False)})"
    dates = (
        rf"{full('', bare=False)}|(?P<weekday>\b(?:{weekday})\w{{0,8}})|(?P<loose>\b(?:{loose})\b)"
    )

    def lead(key: str) -> re.Pattern[str]:
        phrases = sorted(listed(key), key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?:(?<=')|(?!\w))")

    return _Language(
        says=tuple(listed("says")),
        until=lead("until"),
        back=lead("back"),
        before=lead("before") if listed("before") else None,
        dates=re.compile(dates),
        between=re.compile(between),
        months=tuple(months),
        weekdays=tuple(sorted(weekdays, key=lambda w: -len(w[0]))),
        tomorrow=frozenset(listed("tomorrow")),
        month_first=bool(words.get("month_first", False)),
    )
