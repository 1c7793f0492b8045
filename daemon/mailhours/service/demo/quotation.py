"""How mail programs quote what they answer, in the words of their language."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from mailhours.model.address import Address

_MONTHS: Mapping[str, str] = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "nb": "jan. feb. mars apr. mai juni juli aug. sep. okt. nov. des.",
    "hr": "sij velj ožu tra svi lip srp kol ruj lis stu pro",
}
_WEEKDAYS: Mapping[str, str] = {
    "en": "Mon Tue Wed Thu Fri Sat Sun",
    "nb": "man. tir. ons. tor. fre. lør. søn.",
    "hr": "pon uto sri čet pet sub ned",
}
_BLOCK: Mapping[str, tuple[str, str, str, str]] = {
    "en": ("From", "Sent", "To", "Subject"),
    "nb": ("Fra", "Sendt", "Til", "Emne"),
}
_APPLE: Mapping[str, str] = {
    "en": "On {day} {month} {at:%Y}, at {at:%H:%M}, {name} <{spec}> wrote:",
    "nb": "{day}. {month} {at:%Y} kl. {at:%H:%M} skrev {name} <{spec}>:",
}
_GMAIL: Mapping[str, str] = {
    "en": "On {weekday}, {day} {month} {at:%Y} at {at:%H:%M}, {name} <{spec}> wrote:",
    "hr": "{weekday}, {day}. {month} {at:%Y}. u {at:%H:%M} {name} <{spec}> napisao je:",
}
_THUNDERBIRD: Mapping[str, str] = {
    "en": "On {at:%d/%m/%Y} {at:%H:%M}, {name} wrote:",
    "nb": "Den {at:%d.%m.%Y} {at:%H:%M}, skrev {name}:",
    "hr": "Dana {at:%d. %m. %Y.} u {at:%H:%M}, {name} piše:",
    "ru": "{at:%d.%m.%Y} {at:%H:%M}, {name} пишет:",
}
_YANDEX: Mapping[str, str] = {"ru": '{at:%d.%m.%Y}, {at:%H:%M}, "{name}" <{spec}>:'}
_LEADS: Mapping[str, Mapping[str, str]] = {
    "apple": _APPLE,
    "iphone": _APPLE,
    "gmail": _GMAIL,
    "thunderbird": _THUNDERBIRD,
    "yandex": _YANDEX,
}


@dataclass(frozen=True, slots=True)
class Quoted:
    """What is quoted of an earlier mail."""

    sender: Address
    to: Address
    at: datetime
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """The quotation as text and as HTML, with the words that lead to it."""

    text: str
    markup: str


def quotation(program: str, language: str, zone: ZoneInfo, quoted: Quoted) -> Quotation:
    """Return how `program` quotes a mail for a reader in `zone`."""
    at = quoted.at.astimezone(zone)
    if program == "outlook":
        return _outlook(language, at, quoted)
    leads = _LEADS[program]
    language = language if language in leads else next(iter(leads))
    months, weekdays = _MONTHS.get(language, ""), _WEEKDAYS.get(language, "")
    lead = leads[language].format(
        at=at,
        day=at.day,
        month=months.split()[at.month - 1] if months else "",
        weekday=weekdays.split()[at.weekday()] if weekdays else "",
        name=quoted.sender.name,
        spec=quoted.sender.spec,
    )
    lines = "\n".join(
        f">{line}" if line.startswith(">") else f"> {line}".rstrip()
        for line in quoted.text.splitlines()
    )
    markup = (
        f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{html.escape(lead)}<br></div>'
        '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc">'
        f"{_lines(quoted.text)}</blockquote></div>"
    )
    return Quotation(f"{lead}\n{lines}", markup)


def _outlook(language: str, at: datetime, quoted: Quoted) -> Quotation:
    words = _BLOCK.get(language, _BLOCK["en"])
    values = (
        f"{quoted.sender.name} <{quoted.sender.spec}>",
        f"{at:%d.%m.%Y %H:%M}" if language == "nb" else f"{at:%d %B %Y %H:%M}",
        f"{quoted.to.name} <{quoted.to.spec}>",
        quoted.subject,
    )
    head = [f"{word}: {value}" for word, value in zip(words, values, strict=True)]
    text = "\n".join(["________________________________", *head, "", quoted.text])
    rows = "<br>".join(
        f"<b>{word}:</b> {html.escape(value)}" for word, value in zip(words, values, strict=True)
    )
    markup = (
        '<div id="divRplyFwdMsg" style="border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal">'
        f'{rows}</p></div><p class="MsoNormal">{_lines(quoted.text)}</p>'
    )
    return Quotation(text, markup)


def _lines(text: str) -> str:
    return "<br>\n".join(html.escape(line) for line in text.splitlines())
