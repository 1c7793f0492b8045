"""The week in words: the section that stands in the first summary of a week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from mailhours.summary.clean import clean
from mailhours.summary.phrasing import more
from mailhours.summary.sheet import Block, Row, Section, Table, Tone
from mailhours.summary.week import Measures, Week
from mailhours.wording.catalogue import Words

_NONE = "–"
SHOWN = 8


def section(week: Week, words: Words) -> Section:
    """Return the numbers with their change, client by client, and the mirror."""
    days = words.say(
        "week.days", first=words.short_day(week.first), last=words.short_day(week.final)
    )
    head = (words.say("week.last"), words.say("week.before"), words.say("week.change"))
    tables = [Table(words.say("week.both"), head, tuple(_rows(week.last, week.before, words)))]
    if week.clients:
        tables.append(_clients(week, words))
    mirror = Block(words.say("week.mirror"), lines=tuple(_mirror(week, words)))
    return Section("week", words.say("section.week"), days, (mirror,), tables=tuple(tables))


def _rows(last: Measures, before: Measures, words: Words) -> Iterator[Row]:
    yield _count("week.asked", last.asked, before.asked, words, weight=0)
    yield _time("week.our_median", last.our_median, before.our_median, words)
    yield _time("week.their_median", last.their_median, before.their_median, words)
    yield _count("week.chases", last.chases, before.chases, words)
    yield _count("week.our_days", last.our_days, before.our_days, words)
    yield _count("week.their_days", last.their_days, before.their_days, words)


def _count(name: str, last: int, before: int, words: Words, weight: int = 1) -> Row:
    change = f"{last - before:+d}".replace("-", "−") if last != before else "="
    tone = _tone((last - before) * weight)
    return Row(words.say(name), (str(last), str(before), change), tone)


def _time(name: str, last: timedelta | None, before: timedelta | None, words: Words) -> Row:
    cells = [_NONE if one is None else words.compact(one) for one in (last, before)]
    if last is None or before is None:
        return Row(words.say(name), (*cells, _NONE))
    change = last - before
    minutes = int(change.total_seconds() // 60)
    sign = "+" if minutes > 0 else "−"
    written = f"{sign}{words.compact(abs(change))}" if abs(minutes) >= 1 else "="
    return Row(words.say(name), (*cells, written), _tone(minutes))


def _tone(change: int) -> Tone:
    """More of what is counted here is worse."""
    return Tone.SOON if change > 0 else Tone.GOOD if change < 0 else Tone.PLAIN


def _clients(week: Week, words: Words) -> Table:
    rows = []
    for one in week.clients[:SHOWN]:
        last = one.last
        rows.append(
            Row(
                clean(one.client.name),
                (
                    str(last.chases),
                    _NONE if last.our_median is None else words.compact(last.our_median),
                    _NONE if last.their_median is None else words.compact(last.their_median),
                    str(last.their_days),
                ),
            )
        )
    head = tuple(
        words.say(f"week.{name}")
        for name in ("head_chases", "head_ours", "head_theirs", "head_their_days")
    )
    title = words.say("week.by_client")
    left = more(words, len(week.clients) - SHOWN)
    return Table(f"{title} ({left})" if left else title, head, tuple(rows))


def _mirror(week: Week, words: Words) -> Iterator[str]:
    last = week.last
    if last.answered:
        yield words.say("week.kept", kept=last.kept, n=last.answered)
    else:
        yield words.say("week.nothing_answered")
    if last.chases:
        yield words.say("week.rewarded", rewarded=last.rewarded, n=last.chases)
