"""One mail to what it means: the steps of reading in order, none of which can stop the others."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from importlib import resources
from typing import TypeVar
from zoneinfo import ZoneInfo

from mailhours.model.address import normal, untagged
from mailhours.model.message import (
    Authentication,
    Direction,
    Headers,
    Kind,
    MayReply,
    Reading,
    Reason,
    Signal,
)
from mailhours.model.raw import FolderRole, RawMail, TextPart
from mailhours.reading import robotwords
from mailhours.reading.addresses import Addresses
from mailhours.reading.authentication import authentication
from mailhours.reading.automation import RULES, Judgement, judge
from mailhours.reading.away import AwayWords
from mailhours.reading.header import NOBODY, Opened, opened
from mailhours.reading.language import Languages
from mailhours.reading.letter import Letter
from mailhours.reading.mime import body
from mailhours.reading.phrases import Phrases
from mailhours.reading.phrases import version as phrases_version
from mailhours.reading.robotwords import RobotWords
from mailhours.reading.signals import signals
from mailhours.reading.text import visible
from mailhours.reading.zones import Zones

T = TypeVar("T")

# Raise it when reading changes in code: readings of an older version are made again.
GENERATION = 2
_BEGINNING = 2500
_NO_HEADERS = Headers("", (), (), None, NOBODY, (), (), (), "", "", "")
_AUTO_REPLIES = frozenset(
    ("vendor-auto-reply", "auto-reply-subject", "away-subject", "says-automatic")
)
_REPORTS = frozenset(("report", "failed-recipients", "bounce-subject", "bounce-text", "receipt"))


def direction(
    headers: Headers,
    role: FolderRole,
    own: Sequence[str],
    authenticated: Authentication = Authentication.UNKNOWN,
) -> Direction:
    """Return which way a mail went.

    Drafts and held mail are ours. In Sent a mail is ours too, unless somebody else wrote it to us
    (a thread that was moved there). Elsewhere it is ours when From is an own address and somebody
    else is addressed: a mail from us to ourselves is a note, a web form or a forgery, and comes in;
    so does one whose sender fails authentication.
    """
    if role in (FolderRole.DRAFTS, FolderRole.HELD):
        return Direction.OUTBOUND
    ours = {normal(address) for address in own}

    def is_own(spec: str) -> bool:
        return normal(spec) in ours or untagged(spec) in ours

    addressed = [a.spec for a in (*headers.to, *headers.cc)]
    by_us = is_own(headers.sender.spec)
    if role is FolderRole.SENT:
        to_us = any(map(is_own, addressed)) and not by_us and headers.sender.spec
        return Direction.INBOUND if to_us else Direction.OUTBOUND
    if not by_us or authenticated is Authentication.FAIL:
        return Direction.INBOUND
    return Direction.INBOUND if addressed and all(map(is_own, addressed)) else Direction.OUTBOUND


@dataclass(frozen=True, slots=True)
class _Desk:
    """What lies ready for every reading: whose mail it is, and the words of all languages."""

    version: str
    own: tuple[str, ...]
    ours: frozenset[str]
    authserv_id: str
    mark: str
    zone: ZoneInfo
    phrases: Phrases
    robots: RobotWords
    away: AwayWords
    languages: Languages


@contextmanager
def _kept() -> Iterator[None]:
    """Keep the garbage collector off what is made here: 200,000 objects, none of them garbage."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()


class Reader:
    """Reads mails of one account by one version of the rules; `version` names it."""

    def __init__(
        self,
        own: tuple[str, ...],
        colleagues: tuple[str, ...],
        authserv_id: str,
        mark: str,
        zone: ZoneInfo,
        phrases: Mapping[str, str] | None = None,
    ) -> None:
        """Take whose mail it is. `mark` is the account's loop mark, `zone` the writers' time zone.

        `phrases` are the owner's phrase files (name to TOML text); ConfigurationFault when one of
        them cannot be used.
        """
        self._own = tuple(map(normal, own))
        self._colleagues = tuple(map(normal, colleagues))
        self._authserv_id = authserv_id
        self._mark = mark
        self._zone = zone
        self._overrides = dict(phrases or {})
        self.version = _version(
            phrases_version(self._overrides), self._own, colleagues, authserv_id, zone.key
        )
        if self._overrides:
            # The owner's files are checked at once; ours need no check, and wait for a mail.
            _ = self._desk

    @cached_property
    def _desk(self) -> _Desk:
        """What a reading needs, made when the first mail comes: it takes half a second."""
        with _kept():
            visible("> word", "<p>word")  # loads its words now, not in the time of the first mail
            return _Desk(
                version=self.version,
                own=self._own,
                ours=frozenset(self._own) | frozenset(self._colleagues),
                authserv_id=self._authserv_id,
                mark=self._mark,
                zone=self._zone,
                phrases=Phrases.load(self._overrides),
                robots=robotwords.load(),
                away=AwayWords(),
                languages=Languages(),
            )

    def read(self, raw: RawMail, role: FolderRole, languages: tuple[str, ...] = ()) -> Reading:
        """Return what `raw` means; `languages` are those its writer is known for. Never raises.

        A step that fails leaves its part empty, names itself in the defects, and keeps any machine
        from answering.
        """
        return _OneReading(self._desk, raw, role, languages).made()


@dataclass(frozen=True, slots=True)
class _Text:
    """The visible text of a mail and what was written under which question."""

    new: str = ""
    replies: tuple[tuple[int, int, str], ...] = ()


class _OneReading:
    """The reading of one mail under way: each step is tried, what fails is noted."""

    def __init__(
        self, desk: _Desk, raw: RawMail, role: FolderRole, languages: tuple[str, ...]
    ) -> None:
        self.desk = desk
        self.raw = raw
        self.role = role
        self.languages = languages
        self.failed: list[str] = []

    def made(self) -> Reading:
        desk, raw = self.desk, self.raw
        nothing = Opened(_NO_HEADERS, (), {}, _no_addresses(), ())
        head = self.step("header", lambda: opened(raw.header, _charset(raw.parts)), nothing)
        headers = head.headers
        authenticated, words = self.step(
            "authentication",
            lambda: authentication(head.order, desk.authserv_id, headers.sender.spec),
            (Authentication.UNKNOWN, ""),
        )
        way = self.step(
            "direction",
            lambda: direction(headers, self.role, desk.own, authenticated),
            Direction.INBOUND,
        )
        text = self.step("text", self.text, _Text())
        judged = self.step(
            "automation",
            lambda: judge(self.letter(head, way, text.new)),
            Judgement(Kind.HUMAN, MayReply.REVIEW, ()),
        )
        language = self.step(
            "language",
            lambda: desk.languages.of(text.new or headers.subject, self.languages),
            self.languages[0] if self.languages else "",
        )
        sent = headers.date or raw.received
        none: tuple[Signal, ...] = ()
        found = self.step("signals", lambda: self.signals(text, way, headers, sent, language), none)
        away = self.step("away", lambda: self.away(judged, text.new, headers, sent, language), None)
        reasons = judged.reasons
        if words:
            verdict = MayReply.SUPPRESS if authenticated is Authentication.FAIL else MayReply.REPLY
            if way is Direction.INBOUND and verdict is MayReply.SUPPRESS:
                reasons += (Reason("authentication", verdict, "RFC 8601; RFC 7489", words),)
        may_reply = judged.may_reply
        if any(reason.verdict is MayReply.SUPPRESS for reason in reasons):
            may_reply = MayReply.SUPPRESS
        if self.failed:
            why = f"could not read: {', '.join(self.failed)}"
            reasons += (Reason("unreadable", MayReply.REVIEW, "fail closed", why),)
            may_reply = MayReply.REVIEW if may_reply is MayReply.REPLY else may_reply
        return Reading(
            version=desk.version,
            headers=headers,
            kind=judged.kind,
            may_reply=may_reply,
            reasons=reasons,
            authentication=authenticated,
            language=language,
            visible_text=text.new,
            words=len(text.new.split()),
            signals=found,
            away_until=away,
            receipt=any(n == "disposition-notification-to" for n, _ in head.order),
            defects=(
                *raw.defects,
                *head.defects,
                *(f"reading: {step} failed" for step in self.failed),
            ),
        )

    def step(self, name: str, act: Callable[[], T], otherwise: T) -> T:
        """Return what `act` returns; what it raises is no reason to lose the mail."""
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - any mail gives a reading; the step is named
            self.failed.append(f"{name} ({type(error).__name__})")
            return otherwise

    def text(self) -> _Text:
        found = zones(self.raw)
        return _Text(found.new, found.replies)

    def letter(self, head: Opened, way: Direction, text: str) -> Letter:
        desk = self.desk
        return Letter(
            raw=self.raw,
            opened=head,
            attached=self.raw.attached,
            direction=way,
            own=frozenset(desk.own),
            ours=desk.ours,
            mark=desk.mark,
            words=desk.robots,
            subject=robotwords.untagged(head.headers.subject),
            beginning=robotwords.fold(text[:_BEGINNING]),
        )

    def signals(
        self, text: _Text, way: Direction, headers: Headers, sent: datetime, language: str
    ) -> tuple[Signal, ...]:
        known = dict.fromkeys((*((language,) if language else ()), *self.languages))
        return signals(
            self.desk.phrases,
            text.new,
            direction=way,
            subject=headers.subject,
            sent=sent,
            zone=self.desk.zone,
            languages=tuple(known),
            replies=text.replies,
        )

    def away(
        self, judged: Judgement, text: str, headers: Headers, sent: datetime, language: str
    ) -> date | None:
        """Return until when the writer is away. A person's word counts only while it holds."""
        fired = {reason.rule for reason in judged.reasons}
        if fired & _REPORTS:
            return None
        is_reply = judged.kind is Kind.MACHINE and (
            bool(fired & _AUTO_REPLIES) or "replied" in headers.auto_submitted
        )
        both = f"{headers.subject}. {text}"
        if not is_reply and not self.desk.away.says(both):
            return None
        day = sent.astimezone(self.desk.zone).date()
        away = self.desk.away.read(both, day, language)
        if judged.kind is Kind.HUMAN and (away.first is not None and away.first > day):
            return None
        return away.until


def _no_addresses() -> Addresses:
    return Addresses(())


def _charset(parts: Sequence[TextPart]) -> str:
    return next((label for p in parts if (label := p.params.get("charset", ""))), "")


def zones(raw: RawMail) -> Zones:
    """Return the body of a mail by zones: what is new, quoted, signature, and so on."""
    return visible(_joined(raw.parts, "text/plain"), _joined(raw.parts, "text/html"))


def _joined(parts: Sequence[TextPart], content_type: str) -> str | None:
    texts = [body(part) for part in parts if part.content_type == content_type]
    return "\n".join(texts) if texts else None


def _version(phrases: str, *settings: object) -> str:
    """Return the digest of everything that a reading depends on beside the mail itself."""
    digest = hashlib.sha256(f"{GENERATION} {phrases} {settings}".encode())
    data = resources.files("mailhours.reading").joinpath("data")
    for file in sorted(data.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            digest.update(file.read_bytes())
    digest.update(" ".join(f"{r.name}:{r.verdict}:{r.robot}:{r.weak}" for r in RULES).encode())
    return digest.hexdigest()[:16]
