"""Robot or person, and may a machine answer: one table of rules, all evaluated, every reason kept.

A rule has two judgements. Its `verdict` says whether a machine may answer (the gravest of all rules
that fire wins). `robot` says whether it proves that no person wrote this mail, which makes the mail
`machine`: such mail never stops a clock. The two differ on purpose. A person whose customer system
adds List-Unsubscribe must not be taken for a robot, nor be answered blindly: review, human. A
program's own word (Auto-Submitted, an empty Return-Path, a delivery report, a list's headers, a
mailer-daemon) is proof. Weak signs stay human, unless two of different families come together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailhours.model.message import Direction, Kind, MayReply, Reason
from mailhours.reading import rules_content as content
from mailhours.reading import rules_declared as declared
from mailhours.reading import rules_people as people
from mailhours.reading import rules_words as said
from mailhours.reading.letter import Letter

REPLY, REVIEW, SUPPRESS = MayReply.REPLY, MayReply.REVIEW, MayReply.SUPPRESS
_GRAVITY = (REPLY, REVIEW, SUPPRESS)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `test` returns the words that show it, or the empty string.

    `weak` is the family of a sign that proves nothing alone: two families together prove a robot.
    `outbound` rules look at our own mail too.
    """

    name: str
    source: str
    verdict: MayReply
    test: Callable[[Letter], str]
    robot: bool = False
    weak: str = ""
    outbound: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the table says of one mail; `reasons` in the order of the table."""

    kind: Kind
    may_reply: MayReply
    reasons: tuple[Reason, ...]


RULES = (
    # 1: what programs say of themselves
    Rule(
        "auto-submitted",
        "RFC 3834 2, 5.1",
        SUPPRESS,
        declared.auto_submitted,
        robot=True,
        outbound=True,
    ),
    # 2: nobody to answer to
    Rule(
        "empty-return-path",
        "RFC 3834 2; RFC 5321 4.5.5",
        SUPPRESS,
        declared.empty_return_path,
        robot=True,
    ),
    # 3, 4, 5: lists and bulk
    Rule("own-group", "RFC 2919", REVIEW, declared.own_group),
    Rule("list", "RFC 2369; RFC 2919; RFC 5230 4.6", REVIEW, declared.mailing_list, robot=True),
    Rule("list-unsubscribe", "RFC 2369 3.2", REVIEW, declared.unsubscribe, weak="bulk"),
    Rule("one-click-unsubscribe", "RFC 8058", SUPPRESS, declared.one_click, weak="bulk"),
    Rule("list-program", "Mailman, Majordomo, ezmlm", SUPPRESS, declared.list_program, robot=True),
    Rule("precedence", "RFC 3834 2", SUPPRESS, declared.precedence, robot=True),
    # 6: the sender asks for no automatic answer; a request, not proof of a robot
    Rule("response-suppress", "MS-OXCMAIL 2.1.3.2.20", SUPPRESS, declared.response_suppress),
    # 7: how vendors mark what answers by itself
    Rule("vendor-auto-reply", "vendor headers", SUPPRESS, declared.vendor_auto_reply, robot=True),
    Rule(
        "vendor-notification", "vendor headers", SUPPRESS, declared.vendor_notification, robot=True
    ),
    # 8: our own mail coming back
    Rule("loop", "RFC 3834 3.1.7 in spirit", SUPPRESS, declared.loop, robot=True, outbound=True),
    Rule("loop-attached", "RFC 3462; RFC 3834", SUPPRESS, declared.loop_attached),
    Rule(
        "foreign-loop", "X-Loop of Procmail and Sympa", REVIEW, declared.foreign_loop, weak="loop"
    ),
    # 9: reports
    Rule(
        "report", "RFC 6522; RFC 3464 2; RFC 8098 3; RFC 5965", SUPPRESS, content.report, robot=True
    ),
    Rule("report-attached", "RFC 6522", REVIEW, content.report_attached),
    Rule("failed-recipients", "Exim, Gmail", SUPPRESS, declared.failed_recipients, robot=True),
    # 10: addresses of robots
    Rule("robot-address", "RFC 3834 2; RFC 5230 4.6", SUPPRESS, people.robot_address, robot=True),
    Rule("list-address", "RFC 5230 4.6; RFC 2142 6", SUPPRESS, people.list_address),
    Rule("role-address", "RFC 2142; RFC 5230 4.6", REVIEW, people.role_address, weak="role"),
    Rule("robot-envelope", "RFC 5230 4.6", REVIEW, people.robot_envelope),
    # 11: words
    Rule("auto-reply-subject", "Outlook, Exchange", REVIEW, said.auto_reply_subject, robot=True),
    Rule("away-subject", "RFC 5230 5.3", REVIEW, said.away_subject),
    Rule("says-automatic", "RFC 3834 3.2 in spirit", REVIEW, said.says_automatic, robot=True),
    Rule("bounce-subject", "RFC 3834 2", REVIEW, said.bounce_subject, robot=True),
    Rule("bounce-text", "Postfix, qmail, Exim", REVIEW, said.bounce_text, robot=True),
    Rule("maybe-bounce", "RFC 3834 2", REVIEW, said.maybe_bounce),
    Rule("receipt", "RFC 8098 in spirit", REVIEW, said.receipt, robot=True),
    Rule("no-answer-wanted", "RFC 3834 3.2 in spirit", REVIEW, said.no_answer_wanted, weak="words"),
    Rule("challenge", "RFC 3834 2", REVIEW, said.challenge, weak="challenge"),
    # 12: calendars
    Rule("calendar", "RFC 5546; RFC 6047", SUPPRESS, content.calendar, robot=True),
    # 13, 14, 15, 16: who writes to whom
    Rule("own-identity", "RFC 5230 4.5", SUPPRESS, people.own_identity),
    Rule("not-addressed", "RFC 5230 4.5", SUPPRESS, people.not_addressed),
    Rule("many-recipients", "RFC 5230 4.6 in spirit", REVIEW, people.many_recipients),
    Rule("sender-unclear", "RFC 5322 3.6.2", SUPPRESS, people.sender_unclear),
    # 18: what the provider's filter says
    Rule("spam", "SpamAssassin", SUPPRESS, declared.spam),
    # 23: senders in bulk
    Rule("bulk-sender", "practice of senders in bulk", REVIEW, declared.bulk_sender, weak="bulk"),
    # 24: what cannot be read or must not be quoted
    Rule("not-a-text", "RFC 2046 5.2", SUPPRESS, content.not_a_text),
    Rule("encrypted", "RFC 1847; RFC 8551", REPLY, content.encrypted),
    Rule("damaged", "fail closed", REVIEW, declared.damaged),
)


def judge(letter: Letter) -> Judgement:
    """Return kind, verdict and reasons for a mail.

    Our own mail is machine when it says so or bears our mark, and is never answered.
    """
    outbound = letter.direction is Direction.OUTBOUND
    reasons: list[Reason] = []
    families: set[str] = set()
    robot = False
    for rule in RULES:
        if outbound and not rule.outbound:
            continue
        evidence = rule.test(letter)
        if not evidence:
            continue
        reasons.append(Reason(rule.name, rule.verdict, rule.source, evidence[:200]))
        robot = robot or rule.robot
        families.add(rule.weak)
    families.discard("")
    if outbound and not reasons:
        reasons.append(Reason("our-own", SUPPRESS, "RFC 5230 4.5", "we wrote it"))
    kind = Kind.MACHINE if robot or len(families) > 1 else Kind.HUMAN
    gravest = max((r.verdict for r in reasons), key=_GRAVITY.index, default=REPLY)
    return Judgement(kind, gravest, tuple(reasons))
