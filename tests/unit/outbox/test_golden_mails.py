"""Every kind of mail in every language, as the bytes that leave."""

from __future__ import annotations

import pytest

from mailhours.outbox.form import form
from mailhours.wording.dates import LANGUAGES
from unit.checkin.letterbox import a_person_of, every_mail
from unit.summary.golden import agrees

MARK = "mailhours-0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("formal", [True, False], ids=["formal", "informal"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_leaves_in_the_form_that_somebody_read(language: str, formal: bool) -> None:
    form_of = "formal" if formal else "informal"
    for name, reply in every_mail(a_person_of(language, formal)):
        raw = form(reply, MARK)
        # The head as it leaves, the text as it is read.
        head = raw.decode("ascii").partition("\r\n\r\n")[0].replace("\r\n", "\n")
        agrees(f"mails/{language}.{form_of}/{name}.txt", f"{head}\n\n{reply.text}")


def test_the_bytes_of_one_mail_are_these() -> None:
    _, reply = next(every_mail(a_person_of("ru", formal=True)))

    agrees("mails/acknowledgement.ru.eml", form(reply, MARK).decode("ascii").replace("\r\n", "\n"))
