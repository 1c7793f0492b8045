"""Survival estimates, beside figures that are printed in every textbook."""

import pytest

from mailhours.model.ratio import wilson
from mailhours.patterns.survival import Spell, curve, log_rank

# Remission of leukaemia in weeks (Freireich et al. 1963); a minus sign: cut off.
TREATED = "6 6 6 -6 7 -9 10 -10 -11 13 16 -17 -19 -20 22 23 -25 -32 -32 -34 -35"
CONTROL = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def spells(text: str) -> list[Spell]:
    return [Spell(float(word.lstrip("-")), not word.startswith("-")) for word in text.split()]


def test_the_curve_is_that_of_the_textbook():
    made = curve(spells(TREATED))

    assert (made.spells, made.events) == (21, 9)
    assert [(p.at, round(p.share, 3)) for p in made.points] == [
        (6, 0.857),
        (7, 0.807),
        (10, 0.753),
        (13, 0.690),
        (16, 0.627),
        (22, 0.538),
        (23, 0.448),
    ]


def test_the_band_is_log_log_of_greenwood():
    first = curve(spells(TREATED)).points[0]

    assert (round(first.low, 3), round(first.high, 3)) == (0.620, 0.952)


def test_the_median_has_the_interval_of_brookmeyer_and_crowley():
    median = curve(spells(TREATED)).quantile(0.5)

    assert (median.at, median.low, median.high) == (23, 13, None)


def test_a_curve_that_comes_down_to_nothing_has_a_median_with_both_ends():
    median = curve(spells(CONTROL)).quantile(0.5)

    assert (median.at, median.low, median.high) == (8, 4, 11)


def test_the_difference_of_two_curves_is_that_of_the_textbook():
    assert log_rank(spells(TREATED), spells(CONTROL)) == pytest.approx(4.17e-5, rel=0.01)
    assert log_rank(spells(CONTROL), spells(CONTROL)) == pytest.approx(1)
    assert log_rank([], []) == 1


def test_what_has_waited_long_is_expected_later():
    made = curve(spells(CONTROL))

    assert made.next(0) == 8
    assert made.next(8) == 12
    assert made.next(23) is None


def test_without_an_event_nothing_is_known():
    made = curve(spells("-3 -5"))

    assert made.quantile(0.5).at is None
    assert made.next(1) is None
    assert made.share(100) == 1


@pytest.mark.parametrize(
    ("hits", "of", "interval"),
    [
        pytest.param(0, 0, (0.0, 1.0), id="nothing counted"),
        pytest.param(14, 19, (0.512, 0.882), id="14 of 19"),
        pytest.param(0, 10, (0.0, 0.278), id="none of 10"),
        pytest.param(10, 10, (0.722, 1.0), id="all of 10"),
    ],
)
def test_a_share_has_the_interval_of_wilson(hits, of, interval):
    assert tuple(round(end, 3) for end in wilson(hits, of)) == interval
