"""What leads to each kind of mail, and the ways on which one leaves: for kills at each of its steps.

A way says what is killed: the check-in that sends a mail by itself (`alone`), that proposes it, or
lays it into Drafts (`draft`); or the later one in which it leaves because the owner said yes
(`approved`) or moved the draft to Check-in (`moved`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from integration.maildir_office import FJORD, INVOICE, KARI, OSLO, Office, check_in
from mailhours.model.client import OwnerVerb
from mailhours.model.policy import NEVER_ALONE
from mailhours.model.reply import Reply, ReplyKind, ReplyState
from mailhours.service import papers, words
from mailhours.service.account import Account

WAYS = ("alone", "proposed", "approved", "draft", "moved")
PLAIN = FJORD.format(address=KARI)
BILLED = PLAIN + INVOICE
TO_BE_BILLED = PLAIN + INVOICE.replace("2026-02-15", "2026-03-06")
PROJECT = '[[project]]\nkey = "{0}"\nwords = ["{0}"]\ndue = {1}\n'
DATES = {
    "website": "2026-03-12",
    "logo": "2026-02-06",
    "cards": "2026-02-13",
    "flyer": "2026-02-20",
}
MORE_PROJECTS = PLAIN.partition("[project]")[0] + "".join(
    map(PROJECT.format, DATES, DATES.values())
)
PAST_THE_CONTACT = PLAIN + '[agreement]\ncontact = "kim@studio.example"\n'


@dataclass(frozen=True)
class Story:
    """One kind of mail: `live` leads up to the check-in `made`, which is before `leaves`."""

    name: str
    kind: ReplyKind
    live: Callable[[Office, Account], None]
    made: str
    client: str = PLAIN
    payment: str = ""

    @property
    def leaves(self) -> str:
        if "15:00" in self.made:
            day = datetime.fromisoformat(self.made) + timedelta(hours=19)
            return f"{day:%Y-%m-%d %H:%M}"
        return self.made.replace("10:00", "15:00")

    @property
    def ways(self) -> tuple[str, ...]:
        """Return the ways of this kind; what is a draft in every mode never goes alone."""
        if self.kind in (ReplyKind.STATUS_NOTE, ReplyKind.HOURS_LETTER):
            return ("draft", "moved")
        if self.kind in NEVER_ALONE:
            return ("proposed", "approved", "draft", "moved")
        return ("alone", "draft", "moved")


def through(office: Office, account: Account, *slots: str) -> None:
    """Hold check-ins; the owner says yes to all that is proposed, and it leaves."""
    for at in slots:
        check_in(account, office.clock, at)
        if approve_all(office, account):
            check_in(account, office.clock, at.replace("10:00", "15:00"))


def approve_all(office: Office, account: Account) -> bool:
    office.clock.later(hours=1)
    proposed = account.ledger.outbox.replies(state=ReplyState.PROPOSED)
    for reply in proposed:
        words.say(account, list, OwnerVerb.APPROVE, reply.id)
    return bool(proposed)


def asks(office: Office, account: Account) -> None:
    office.clock.at("2026-03-02 09:30")
    office.mail("Hello Dana,\n\ncould you send me the logo?\n\nKari")


def is_asked(*before: str) -> Callable[[Office, Account], None]:
    def live(office: Office, account: Account) -> None:
        office.clock.at("2026-03-02 08:30")
        need = "[need: the texts for the homepage]"
        office.says(f"Hello Kari,\n\nwe go on with this:\n\n{need}\n\nDana")
        through(office, account, *before)

    return live


def owes(*before: str) -> Callable[[Office, Account], None]:
    return lambda office, account: through(office, account, *before)


def has_paid(office: Office, account: Account) -> None:
    through(office, account, *NOTICES, "2026-04-09 10:00")
    office.clock.at("2026-04-13 09:00")
    words.say(account, list, OwnerVerb.PAID, "2026-014")


def asks_two_days_before(office: Office, account: Account) -> None:
    """Three times Kari asked how far it is, two days before the date; it comes round again."""
    for day, name in ((4, "Logo"), (11, "Cards"), (18, "Flyer")):
        asked_and_told(office, datetime(2026, 2, day, 11, 30, tzinfo=OSLO), name)
    asked_and_told(office, datetime(2026, 3, 4, 11, 30, tzinfo=OSLO), "Website")
    office.clock.at("2026-03-09 14:00")


def asked_and_told(office: Office, at: datetime, name: str) -> None:
    office.clock.now = at
    question = office.mail(f"Hello Dana,\n\nhow far is the {name.lower()}?\n\nKari", subject=name)
    office.clock.now = at + timedelta(minutes=20)
    office.says("It goes well. I hand it over on Friday.", subject=f"Re: {name}", answers=question)


def writes_a_letter(office: Office, account: Account) -> None:
    office.clock.at("2026-03-02 09:30")
    client = account.book.clients["fjord"]
    papers.lay_draft(account, client, papers.letter_of(account, client))


NOTICES = ("2026-03-05 10:00", "2026-03-16 10:00", "2026-03-31 10:00")
K = ReplyKind
STORIES = (
    Story("acknowledgement", K.ACKNOWLEDGEMENT, asks, "2026-03-02 10:00"),
    Story("bypass", K.ACKNOWLEDGEMENT, asks, "2026-03-02 10:00", PAST_THE_CONTACT),
    Story("feedback_1", K.FEEDBACK_1, is_asked(), "2026-03-04 10:00"),
    Story("feedback_2", K.FEEDBACK_2, is_asked("2026-03-04 10:00"), "2026-03-09 10:00"),
    Story(
        "feedback_3",
        K.FEEDBACK_3,
        is_asked("2026-03-04 10:00", "2026-03-09 10:00"),
        "2026-03-16 10:00",
    ),
    Story(
        "payment_0",
        K.PAYMENT_0,
        owes(),
        "2026-03-03 10:00",
        TO_BE_BILLED,
        "days_before = 3",
    ),
    Story("payment_1", K.PAYMENT_1, owes(), NOTICES[0], BILLED),
    Story("payment_2", K.PAYMENT_2, owes(*NOTICES[:1]), NOTICES[1], BILLED),
    Story("payment_3", K.PAYMENT_3, owes(*NOTICES[:2]), NOTICES[2], BILLED),
    Story("work_paused", K.WORK_PAUSED, owes(*NOTICES), "2026-04-09 10:00", BILLED),
    Story("work_resumed", K.WORK_RESUMED, has_paid, "2026-04-13 10:00", BILLED),
    Story("status_note", K.STATUS_NOTE, asks_two_days_before, "2026-03-09 15:00", MORE_PROJECTS),
    Story("hours_letter", K.HOURS_LETTER, writes_a_letter, "2026-03-02 10:00"),
)


def prepare(story: Story, way: str, office: Office, account: Account) -> str:
    """Live a story up to the check-in that is to be killed, and return which one that is."""
    story.live(office, account)
    if way in ("alone", "proposed", "draft"):
        return story.made
    lay = {str(mail["Message-ID"]) for mail in office.lying("Drafts")}
    check_in(account, office.clock, story.made)
    if way == "approved":
        assert approve_all(office, account)
    else:
        office.clock.later(hours=1)
        move_draft(office, lay)
    return story.leaves


def move_draft(office: Office, known: set[str]) -> None:
    """Move the new draft to Check-in, as a mail program does."""
    for file in (office.maildir / ".Drafts" / "cur").iterdir():
        text = file.read_text()
        if not any(identity in text for identity in known):
            file.rename(office.maildir / ".Check-in" / "cur" / file.name)


def of_kind(replies: list[Reply], story: Story) -> list[Reply]:
    return [reply for reply in replies if story.kind in reply.kinds]
