"""What stands first: the subject with the news, the sentence of verdict, the alarm."""

from __future__ import annotations

from mailhours.model.client import Money
from mailhours.summary.clean import clean
from mailhours.summary.day import Day
from mailhours.summary.phrasing import capital
from mailhours.wording.catalogue import Words

# A phone's list of mails shows about so many pieces of news.
_NEWS = 3


def subject(day: Day, words: Words) -> str:
    """Return the subject: the gravest news, at most three pieces, and the day."""
    health = day.health
    news = []
    if health.fuse_blown:
        news.append(words.say("subject.fuse"))
    if health.deaf_now:
        news.append(words.say("subject.deaf"))
    if day.doubtful:
        news.append(words.say("subject.doubtful", n=len(day.doubtful)))
    if day.review:
        news.append(words.say("subject.review", n=len(day.review)))
    if day.late:
        news.append(words.say("subject.late", n=len(day.late)))
    on_time = [owed for owed in day.owed if not owed.late]
    if on_time:
        first = on_time[0].promise.due
        zone = day.owner.calendar.zone
        same = [o for o in on_time if o.promise.due <= first]
        news.append(words.say("subject.due", n=len(same), by=words.at(first, zone)))
    sums = [words.money(Money(amount, c)) for c, amount in day.overdue_money().items()]
    if sums:
        news.append(words.say("subject.money", sum=words.every(sums)))
    if day.overdue_asks:
        news.append(words.say("subject.waiting", n=len(day.overdue_asks)))
    # Dates and sums have commas of their own.
    line = (
        words.say("punctuation.between").join(news[:_NEWS]) if news else words.say("subject.quiet")
    )
    return capital(words.say("subject.line", news=line, day=words.short_day(day.day)))


def verdict(day: Day, words: Words) -> str:
    """Return the verdict in one sentence: what we owe, and who keeps us waiting."""
    return capital(words.say("verdict.join", first=_ours(day, words), second=_theirs(day, words)))


def alarm(day: Day, words: Words) -> str:
    """Return what makes everything else doubtful, or the empty string."""
    health = day.health
    said = []
    if health.fuse_blown:
        said.append(words.say("alarm.fuse"))
    elif health.stopped:
        said.append(words.say("alarm.stopped"))
    for period in health.deaf:
        if period.end is None:
            since = words.at(period.start, day.owner.calendar.zone)
            said.append(words.say("alarm.deaf", since=since, why=clean(words.reason(period.why))))
    if health.configuration:
        said.append(words.say("alarm.configuration"))
    return " ".join(said)


def _ours(day: Day, words: Words) -> str:
    if not day.owed:
        return words.say("verdict.owe_nothing")
    if day.late and len(day.owed) == 1:
        return words.say("verdict.owe_only_late")
    if day.late:
        return words.say("verdict.owe_late", n=len(day.owed), late=len(day.late))
    due = words.at(day.owed[0].promise.due, day.owner.calendar.zone)
    return words.say("verdict.owe", n=len(day.owed), by=due)


def _theirs(day: Day, words: Words) -> str:
    debts = [debt for debt in day.debts if debt.standing.days_late > 0]
    late = [*(o.client for o in day.overdue_asks), *(debt.client for debt in debts)]
    names = list(dict.fromkeys(client.name for client in late))
    if not names:
        return words.say("verdict.waiting_nothing")
    sums = words.every(words.money(Money(a, c)) for c, a in day.overdue_money().items())
    asks = len(day.overdue_asks)
    things = words.say("verdict.asks", n=asks) if asks else sums
    if asks and sums:
        things = words.say("verdict.and_money", asks=things, sum=sums)
    if len(names) == 1:
        return words.say("verdict.waiting_one", client=clean(names[0], 60), things=things)
    return words.say("verdict.waiting", n=len(names), things=things)
