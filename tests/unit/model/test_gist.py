"""The gist of a text: content words as stems."""

import pytest

from mailhours.model.gist import gist


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "Could you please send me the logo?", ("logo",), id="what only asks is left out"
        ),
        pytest.param("The deliveries were delivered.", ("delive",), id="stems meet"),
        pytest.param("Møtet om nettsiden", ("møtet", "nettsi"), id="norwegian"),
        pytest.param(
            "Šaljem novi letak za kavu", ("kavu", "letak", "novi", "saljem"), id="croatian, folded"
        ),
        pytest.param("Пришлите, пожалуйста, новый логотип", ("логоти", "новыи"), id="russian"),
        pytest.param("Invoice 2026-014", ("014", "2026", "invoic"), id="numbers stay whole"),
        pytest.param("Option A or B? B.", ("A", "B", "option"), id="options"),
        pytest.param(
            "A website by B&B, e-mail to J-P", ("websit",), id="articles and names are no options"
        ),
        pytest.param("", (), id="nothing"),
    ],
)
def test_the_gist_of_a_text(text, words):
    assert gist(text) == words


def test_the_order_of_the_words_does_not_matter():
    assert gist("the new harbour shop") == gist("SHOP, harbour: new!")
