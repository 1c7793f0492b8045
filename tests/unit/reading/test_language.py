"""Which language a short mail is in."""

import pytest

from mailhours.reading.language import Languages

LANGUAGES = Languages()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Hi, when will the logo be ready?"),
        ("nb", "Hei Dana, kan du sende logoen i dag?"),
        ("da", "Hej Dana, kan du sende logoet i dag? Tak"),
        ("sv", "Hej Dana, kan du skicka loggan idag? Tack!"),
        ("de", "Hallo Dana, wann ist das Logo fertig? Danke"),
        ("hr", "Bok Dana, kada ce biti gotov logo? Hvala"),
        ("ru", "Когда будет готово?"),
        ("uk", "Коли буде готово? Дякую, чекаємо на вас"),
        ("fr", "Bonjour, quand le logo sera-t-il prêt ?"),
        ("es", "Hola, ¿cuándo estará listo el logo?"),
        ("it", "Ciao, quando è pronto il logo? Grazie"),
        ("pt", "Olá, quando fica pronto o logo? Obrigada"),
        ("nl", "Hallo, wanneer is het logo klaar?"),
        ("pl", "Dzień dobry, kiedy będzie gotowe logo?"),
        ("fi", "Hei, milloin logo on valmis?"),
        ("cs", "Dobrý den, kdy bude logo hotové?"),
        ("lv", "Labdien, kad būs gatavs logo?"),
        ("ja", "ロゴはいつできますか"),
        ("", "ok"),
        ("", ""),
    ],
)
def test_a_language_is_recognised(language, text):
    assert LANGUAGES.of(text) == language


def test_a_short_text_is_in_the_language_the_writer_is_known_for():
    assert LANGUAGES.of("ok", ("nb", "en")) == "nb"
    assert LANGUAGES.of("Ser bra ut", ("nb",)) == "nb"


def test_a_writer_may_use_another_language():
    assert LANGUAGES.of("Looks good, thanks! When do we get the invoice?", ("nb", "en")) == "en"
    assert LANGUAGES.of("Когда будет готово?", ("nb",)) == "ru"
