"""The words of mail programs: each phrase of the data files is found where it stands in a mail."""

from mailhours.reading import signature
from mailhours.reading.mailwords import mail_words, phrases, tables
from mailhours.reading.text import visible

WORDS = mail_words()
TABLES = tables()


def test_a_line_that_ends_in_any_verb_ends_an_attribution() -> None:
    def new(verb: str) -> str:
        said = verb.replace("*", "Ole Hansen")
        return visible(f"Yes.\n\n11.12.2025 Ole Hansen <o@f.example>\n{said}\n\nSend it.", None).new

    verbs = phrases(TABLES, "attribution", "verbs")

    assert [verb for verb in verbs if new(verb) != "Yes."] == []


def test_every_footer_is_one_whatever_stands_in_its_gap() -> None:
    always = (*phrases(TABLES, "footers", "always"), *phrases(TABLES, "footers"))
    product = phrases(TABLES, "products")[0]
    lines = [
        *(phrase.replace("*", "Acme 7 ") for phrase in always),
        *(f"{phrase} {product}" for phrase in phrases(TABLES, "footers", "sent_from")),
    ]

    assert [line for line in lines if not signature.footer(line, WORDS)] == []
    assert [line for line in lines if not signature.footer(f"-- {line.upper()}", WORDS)] == []


def test_every_sign_off_is_one_after_thanks_too() -> None:
    # a line loses its full stop before it is looked at
    closings = [one for one in phrases(TABLES, "signoff", "closings") if not one.endswith(".")]

    assert [one for one in closings if signature.closing(one, WORDS) is None] == []
    assert [one for one in closings if signature.closing(f"thanks, {one}", WORDS) is None] == []


def test_every_phrase_of_disclaimers_is_found_in_a_paragraph() -> None:
    def found(phrase: str) -> bool:
        paragraph = f"Please note what our lawyers wrote here: {phrase}xyz, and so on."
        return signature.disclaimer(paragraph, WORDS)

    strong = phrases(TABLES, "disclaimer", "strong")

    assert [phrase for phrase in strong if not found(phrase)] == []
