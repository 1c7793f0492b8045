"""How single values are written: each function reads one, or raises ValueError in plain words."""

# ruff: noqa: TRY004 - pydantic takes a ValueError, whatever is wrong with a value

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from mailhours.model.address import domain, normal
from mailhours.model.client import Money
from mailhours.model.duration import Duration, Unit
from mailhours.model.hours import Block
from mailhours.settings.languages import CODES, NAMES
from mailhours.settings.suggestion import did_you_mean, one_of, quoted

# Days outside are typing errors, and far ones overflow the arithmetic on them.
FIRST_DAY = date(1990, 1, 1)
LAST_DAY = date(2100, 12, 31)
MOST = {
    Unit.SECOND: 86_400,
    Unit.MINUTE: 100_000,
    Unit.HOUR: 10_000,
    Unit.DAY: 3_700,
    Unit.WEEK: 520,
    Unit.MONTH: 120,
    Unit.BUSINESS_HOUR: 4_000,
    Unit.BUSINESS_DAY: 500,
}

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?", re.ASCII)
_BLOCK = re.compile(r"\s*(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})\s*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_RANGE = re.compile(r"\s*(\S+?)\s*\.\.\s*(\S+)\s*")
# RFC 5322 dot-atom for the local part; UTF-8 as RFC 6532 allows. The domain has at least one dot.
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x20\x7f]{1,64}")
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}\.?")
_MONEY = re.compile(r"(\d{1,12}(?:[.,]\d{1,2})?)\s*([A-Z]{3})", re.ASCII)
_NET = re.compile(r"\s*net\s*(\d{1,4})(?:\s*days?)?\s*", re.IGNORECASE | re.ASCII)
_KEY = re.compile(r"\w[\w.-]{0,63}")

# Providers whose domain is everybody's: one of their addresses says nothing about its neighbours.
_FREEMAIL = (
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com "
    "icloud.com me.com mac.com aol.com gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de "
    "freenet.de mail.com proton.me protonmail.com pm.me tutanota.com tuta.com fastmail.com "
    "zoho.com yandex.ru yandex.com ya.ru mail.ru bk.ru list.ru inbox.ru rambler.ru "
    "orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it "
    "seznam.cz wp.pl o2.pl onet.pl interia.pl online.no hotmail.no live.no yahoo.no "
    "hotmail.co.uk live.co.uk yahoo.co.uk btinternet.com hotmail.fr live.fr yahoo.fr "
    "hotmail.de live.de outlook.de yahoo.de hotmail.es yahoo.es net.hr inet.hr qq.com 163.com "
    "126.com hey.com comcast.net verizon.net att.net"
)
FREEMAIL = frozenset(_FREEMAIL.split())


def text(written: object) -> str:
    """Return text of several lines, without control characters."""
    if not isinstance(written, str):
        raise ValueError('must be text in quotes: "..."')
    if any(not c.isprintable() and c not in "\n\t\u200d\u00a0" for c in written):
        raise ValueError("holds a control character")
    return written


def line(written: object) -> str:
    """Return text that fits on one line: it may stand in the header of a mail."""
    found = text(written)
    if "\n" in found or "\t" in found:
        raise ValueError("must fit on one line")
    if len(found) > 500:
        raise ValueError("is longer than 500 characters")
    return found.strip()


def name(written: object) -> str:
    """Return a line that is not empty."""
    if not (found := line(written)):
        raise ValueError("is empty")
    return found


def key(written: object) -> str:
    """Return a short name for commands and addresses: no spaces."""
    if not isinstance(written, str) or not _KEY.fullmatch(written):
        raise ValueError('must be a short name without spaces, like "web"')
    return written


def address(written: object) -> str:
    """Return one mail address in its normal form (RFC 5322 addr-spec)."""
    if not isinstance(written, str):
        raise ValueError('must be a mail address in quotes, like "kari@fjord.example"')
    local, at, host = written.strip().rpartition("@")
    proper = _LOCAL.fullmatch(local) and not (".." in local or local[0] == "." or local[-1] == ".")
    if not at or not proper or not _DOMAIN.fullmatch(host) or len(written) > 254:
        raise ValueError(f"{quoted(written)} is not a mail address")
    return normal(written)


def address_or_domain(written: object) -> str:
    """Return an address, or "@domain" for everybody at a domain that is the client's alone."""
    if not isinstance(written, str) or not written.strip().startswith("@"):
        return address(written)
    host = written.strip()[1:]
    if not _DOMAIN.fullmatch(host) or len(written) > 254:
        raise ValueError(f"{quoted(written)} is not a domain, like @fjord.example")
    host = domain(written)
    if host in FREEMAIL:
        raise ValueError(f"everybody can have an address @{host}; list the client's addresses")
    return f"@{host}"


def host(written: object) -> str:
    """Return the name or IP address of a server."""
    found = line(written)
    try:
        return str(ipaddress.ip_address(found.strip("[]")))
    except ValueError:
        pass
    if len(found) > 253 or not _HOST.fullmatch(found):
        raise ValueError(f'{quoted(found)} is not the name of a server, like "imap.studio.example"')
    return found.lower()


def loopback(server: str) -> bool:
    """Say whether a server is this machine: only there may a connection go unprotected."""
    try:
        return ipaddress.ip_address(server).is_loopback
    except ValueError:
        return server in {"localhost", "localhost.localdomain", "ip6-localhost"}


def clock(written: object) -> time:
    """Return a local time; `"10:00"` and TOML's own 10:00:00 are the same."""
    if isinstance(written, time):
        if written.second or written.microsecond:
            raise ValueError("check-ins and hours are whole minutes")
        return written
    match = _CLOCK.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f'{_said(written)} is not a time; write "10:00" or 10:00:00')
    hour, minute = int(match[1]), int(match[2])
    if hour > 23 or minute > 59:
        raise ValueError(f"{quoted(match[0])} is no time of day")
    return time(hour, minute)


def block(written: object) -> Block:
    """Return hours of one day, `"09:00-17:00"`; `"22:00-02:00"` runs over midnight."""
    match = _BLOCK.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f'{_said(written)} is not a time span; write "09:00-17:00"')
    start, end = _minute(match[1]), _minute(match[2])
    if start in {1440, end}:
        raise ValueError(f'{quoted(match[0])} is empty; a whole day is "00:00-24:00"')
    return Block(start, end if end > start else end + 1440)


def day(written: object) -> date:
    """Return a date; `"2026-12-24"` and TOML's own 2026-12-24 are the same."""
    found: date | None = None
    if isinstance(written, date) and not isinstance(written, datetime):
        found = written
    elif isinstance(written, str) and _DAY.fullmatch(written.strip()):
        try:
            found = date.fromisoformat(written.strip())
        except ValueError:
            raise ValueError(f"{quoted(written)} is not in the calendar") from None
    if found is None:
        raise ValueError(f"{_said(written)} is not a date; write 2026-12-24")
    if not FIRST_DAY <= found <= LAST_DAY:
        raise ValueError(f"{found} is not between 1990 and 2100")
    return found


def days(written: object) -> tuple[date, date]:
    """Return a range of days, `"2026-12-24..2027-01-02"`, both ends included, or a single day."""
    match = _RANGE.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        return (only := day(written)), only
    first, last = day(match[1]), day(match[2])
    if last < first:
        raise ValueError(f"{first}..{last} ends before it begins")
    if last - first > timedelta(days=366):
        raise ValueError(f"{first}..{last} is longer than a year")
    return first, last


def duration(written: object) -> Duration:
    """Return a duration of any unit, longer than nothing."""
    if not isinstance(written, str) or len(written) > 40:
        raise ValueError('must be a duration in quotes, like "3 min" or "1 business day"')
    found = Duration.parse(written)
    if not 0 < found.amount <= MOST[found.unit]:
        limit = Duration(MOST[found.unit], found.unit)
        raise ValueError(f"{quoted(written)} is not between 1 {found.unit} and {limit}")
    return found


def wall(written: object) -> timedelta:
    """Return a duration that runs on the wall clock."""
    found = duration(written)
    if found.is_business:
        raise ValueError(f'{quoted(str(written))} needs a wall clock; write "3 min" or "1 hour"')
    return found.wall


def terms(written: object) -> Duration:
    """Return payment terms: `"net 14"`, or any duration in days."""
    match = _NET.fullmatch(written) if isinstance(written, str) else None
    if match:
        return duration(f"{match[1]} days") if int(match[1]) else Duration(0, Unit.DAY)
    try:
        found = duration(written)
    except ValueError:
        raise ValueError(f'{_said(written)} is not a payment term; write "net 14"') from None
    if found.unit not in {Unit.DAY, Unit.WEEK, Unit.MONTH}:
        raise ValueError(f'{quoted(str(written))} is not in days; write "net 14"')
    return found


def money(written: object) -> Money:
    """Return an amount with its currency, `"1200.00 EUR"`; a decimal comma is understood."""
    match = _MONEY.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f'{_said(written)} is not an amount; write "1200.00 EUR"')
    amount = Decimal(match[1].replace(",", "."))
    if not amount:
        raise ValueError("the amount is zero")
    return Money(amount, match[2])


def zone(written: object) -> ZoneInfo:
    """Return a time zone of the IANA database."""
    if not isinstance(written, str):
        raise ValueError('must be a time zone in quotes, like "Europe/Oslo"')
    try:
        return ZoneInfo(written)
    except (LookupError, ValueError, OSError):
        pass
    import zoneinfo  # noqa: PLC0415 - listing all zones reads the disk

    known = sorted(zoneinfo.available_timezones())
    city = [z for z in known if z.rpartition("/")[2].casefold() == written.strip().casefold()]
    hint = f'; did you mean "{city[0]}"?' if city else did_you_mean(written, known)
    raise ValueError(f"unknown time zone {quoted(written)}{hint or ', write Europe/Oslo or alike'}")


def language(written: object) -> str:
    """Return the code of a language, `"nb"`; regions are cut off, Norwegian is Bokmål."""
    if not isinstance(written, str):
        raise ValueError('must be a language in quotes, like "en"')
    code = re.split("[-_]", written.strip().casefold())[0]
    if code in CODES:
        return "nb" if code == "no" else code
    named = NAMES.get(written.strip().casefold())
    hint = f'; did you mean "{named}"?' if named else ', write a code like "en" or "nb"'
    raise ValueError(f"unknown language {quoted(written)}{hint}")


def choice(*known: str) -> Callable[[object], str]:
    """Return a reader of one word out of `known`."""

    def read(written: object) -> str:
        if isinstance(written, str) and written in known:
            return written
        raise ValueError(one_of(written, known))

    return read


def _minute(written: str) -> int:
    hour, minute = map(int, written.split(":"))
    if minute > 59 or hour * 60 + minute > 1440:
        raise ValueError(f"{quoted(written)} is no time of day")
    return hour * 60 + minute


def _said(written: object) -> str:
    return quoted(written if isinstance(written, str) else str(written)[:80])
