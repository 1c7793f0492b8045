"""Tests of the robot table: who writes to whom.

Each returns the words that show it, or the empty string; nothing here raises. The verdicts stand in
`automation.py`.
"""

from __future__ import annotations

import re

from mailhours.model.address import normal
from mailhours.reading.addresses import hidden, parse
from mailhours.reading.letter import Letter
from mailhours.reading.mime import words

_MANY = 10
_LOCAL_LIMIT = 200
# Addresses that nobody reads; matched against the local part.
_ROBOT = re.compile(
    r"mailer[._-]?daemon|mdaemon|majordomo\d*|listserv|listproc|sympa|mailman|ezmlm.*|autoresponder"
    r"|auto[._-]?(?:reply|responder|response|answer|mailer|confirm\w*|notif\w*)|automat(?:ed|ic|iskt?)(?:[._-].*)?"
    r"|(?:.*[._+-])?(?:no|not|non|dont|donot|do[._-]not|never)[._-]?(?:reply|respond|response|answer)(?:s|er)?(?:[._+-].*)?"
    r"|(?:.*[._-])?(?:ikke[._-]?svar|svar[._-]?ikke|svara[._-]?ej|svara[._-]?inte|ej[._-]?svar|nicht[._-]?antworten"
    r"|keine[._-]?antwort|ne[._-]?pas[._-]?repondre|no[._-]?responder|no[._-]?responda|no[._-]?contestar"
    r"|non[._-]?rispondere|nao[._-]?responda|nao[._-]?responder|niet[._-]?(?:be)?antwoorden|nie[._-]?odpowiadaj"
    r"|ne[._-]?odgovaraj|ala[._-]?vastaa|neodpovidat|neatbildet)(?:[._-].*)?"
    r"|bounces?(?:[+=._-].*)?|.*-bounces?(?:\+.*)?|(?:.*[._-])?notifications?(?:[+._-].*)?|notif(?:y|ier)(?:[+._-].*)?"
    r"|(?:calendar|drive|docs|comments|sites|meet)-(?:notification|noreply|server|shares)s?.*"
    r"|newsletters?|mail-?system|mail[._-]delivery[._-](?:sub)?system|postmaster-?(?:noreply|bounce).*|.*=.*=.*"
)
_LIST_ADDRESS = re.compile(
    r"owner-.+|.+-owner|.+-request|.+-errors?|.+-relay|.+-(?:un)?subscribe|.+-confirm.*|.+-return-.+|uucp|nobody|daemon"
)
_ROLE = re.compile(
    r"postmaster.*|root|cron|www-data|wwwrun|apache|nginx|alerts?|nagios|icinga|zabbix|monitoring"
)


def robot_address(letter: Letter) -> str:
    """From or Sender is an address that nobody reads."""
    for name, spec in _senders(letter):
        if _ROBOT.fullmatch(_local(spec)):
            return f"{name}: {spec}"
    return ""


def list_address(letter: Letter) -> str:
    """From or Sender is an address by which lists are run."""
    for name, spec in _senders(letter):
        if _LIST_ADDRESS.fullmatch(_local(spec)):
            return f"{name}: {spec}"
    return ""


def role_address(letter: Letter) -> str:
    """From is a role: often a program, sometimes a person."""
    for name, spec in _senders(letter):
        if _ROLE.fullmatch(_local(spec)):
            return f"{name}: {spec}"
    return ""


def robot_envelope(letter: Letter) -> str:
    """The envelope's sender collects bounces of bulk mail."""
    for value in letter.opened.all("return-path"):
        spec = words(value).strip("<> ").lower()
        local = _local(spec)
        if local != "mailer-daemon" and (_ROBOT.fullmatch(local) or _LIST_ADDRESS.fullmatch(local)):
            return f"Return-Path: {spec}"
    return ""


def own_identity(letter: Letter) -> str:
    """From, Sender, Return-Path or Reply-To is our own address."""
    if not letter.own:
        return ""
    headers = letter.opened.headers
    found = [("Reply-To", a.spec) for a in headers.reply_to]
    found += [(name, spec) for name, spec in _senders(letter)]
    found += [("Return-Path", words(v).strip("<> ")) for v in letter.opened.all("return-path")]
    return next((f"{name}: {spec}" for name, spec in found if letter.is_own(spec)), "")


def not_addressed(letter: Letter) -> str:
    """Neither we nor a colleague stand in To, Cc, Bcc or Resent-*; Delivered-To is no proof."""
    if not letter.ours:
        return ""
    headers = letter.opened.headers
    if any(letter.is_ours(a.spec) for a in (*headers.to, *headers.cc)):
        return ""
    for name in ("bcc", "resent-to", "resent-cc", "resent-bcc"):
        for value in letter.opened.all(name):
            if any(letter.is_ours(a.spec) for a in parse(value).all):
                return ""
    shown = ", ".join(a.spec for a in (*headers.to, *headers.cc)[:3])
    return f"addressed to {shown or 'nobody'}"


def many_recipients(letter: Letter) -> str:
    """More than ten recipients, or a list of recipients that is hidden."""
    headers = letter.opened.headers
    count = len({normal(a.spec) for a in (*headers.to, *headers.cc)})
    if count > _MANY:
        return f"{count} recipients"
    for value in letter.opened.all("to"):
        text = words(value).lower()
        if "undisclosed" in text or text.rstrip(" ;").endswith(":"):
            return f"To: {text}"
    return ""


def sender_unclear(letter: Letter) -> str:
    """No From, several, one that cannot be read, or a name that shows another address."""
    opened = letter.opened
    if len(opened.all("from")) > 1:
        return "several From fields"
    if not opened.senders.all:
        return "no address in From"
    if len(opened.senders.all) > 1:
        return "several addresses in From"
    if opened.senders.wrong:
        return f"From: {opened.senders.wrong[0]}"
    other = hidden(opened.senders.all[0])
    return f"From shows {other} and is {opened.senders.all[0].spec}" if other else ""


def _senders(letter: Letter) -> list[tuple[str, str]]:
    """Return the addresses of From and Sender; a From without an address gives its words."""
    opened = letter.opened
    found = [("From", a.spec) for a in opened.senders.all]
    if not found and opened.all("from"):
        found.append(("From", opened.first("from").replace("<>", "").strip(" \"'<>")))
    found += [("Sender", a.spec) for value in opened.all("sender") for a in parse(value).all]
    return found


def _local(spec: str) -> str:
    local = spec.rpartition("@")[0] if "@" in spec else spec
    return local.strip().strip('"').lower()[:_LOCAL_LIMIT]
