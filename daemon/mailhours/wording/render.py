"""Templates to text: strict, in one language, never half of it.

A template is a text file `LANG/NAME.txt` of the package, or the owner's file of the same name.
A missing language, template or field raises MissingWording: no mail is better than half a mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import jinja2
from jinja2.runtime import Context
from markupsafe import Markup

from mailhours.wording import catalogue, dates, grammar
from mailhours.wording.catalogue import MissingWording as MissingWording  # noqa: PLC0414
from mailhours.wording.catalogue import Words

# Filters of templates: `{{ due | genitive }}` in the template's own language.
_GRAMMAR = ("genitive", "accusative", "on", "since", "quoted")
_BLANK_LINES = re.compile(r"\n{3,}")
# So long is the longest run of letters that a phone can show; a break is offered after it.
_LONG = re.compile(r"(\S{20})(?=\S)")


class Wording:
    """The packaged templates with the owner's overrides laid over them."""

    def __init__(self, overrides: Mapping[str, str] | None = None) -> None:
        """Take the owner's `overrides`: relative name (`en/acknowledgement.txt`) to text."""
        self._environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader(
                [
                    jinja2.DictLoader(dict(overrides or {})),
                    jinja2.PackageLoader("mailhours.wording", "templates"),
                ]
            ),
            undefined=jinja2.StrictUndefined,
            # Mail text is not HTML; the summary's HTML template turns escaping on by its name.
            autoescape=jinja2.select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters["plural"] = _plural
        self._environment.filters["soft"] = _soft
        for name in _GRAMMAR:
            self._environment.filters[name] = _in_language(getattr(grammar, name))

    def render(self, name: str, language: str, fields: Mapping[str, object]) -> str:
        """Return the text of template `name` in `language`, blank lines never doubled."""
        if language not in dates.LANGUAGES:
            raise MissingWording(
                f"no mail can be written in {language!r}",
                hint=f"languages: {', '.join(dates.LANGUAGES)}",
            )
        path = f"{language}/{name}"
        text = self._filled(path, {**fields, "language": language})
        return grammar.spaced(_BLANK_LINES.sub("\n\n", text).strip(), language) + "\n"

    def page(self, name: str, language: str, fields: Mapping[str, object]) -> str:
        """Return an HTML page: one template for all languages, everything filled in escaped.

        Its words are in `fields` already, or come from `words`, the catalogue of `language`.
        """
        return self._filled(name, {**fields, "language": language, "words": self.words(language)})

    def words(self, language: str) -> Words:
        """Return the catalogue of `language`; MissingWording when there is none."""
        return catalogue.words(language)

    def check(self, path: str) -> None:
        """Compile one template; MissingWording says what is wrong with it."""
        try:
            self._environment.get_template(path)
        except (jinja2.TemplateError, ValueError) as error:
            raise MissingWording(f"template {path}: {error}") from error

    def _filled(self, path: str, fields: Mapping[str, object]) -> str:
        try:
            return self._environment.get_template(path).render(
                fields, no_subject=_NO_SUBJECT[str(fields["language"])]
            )
        except jinja2.TemplateNotFound as error:
            raise MissingWording(f"template {error} does not exist") from error
        except jinja2.UndefinedError as error:
            raise MissingWording(f"template {path}: {error.message}") from error
        except jinja2.TemplateError as error:
            raise MissingWording(f"template {path}: {error}") from error

    def moment(
        self, at: datetime, zone: ZoneInfo, language: str, other: ZoneInfo | None = None
    ) -> str:
        """Write a moment; see `dates.moment`. MissingWording for a language that is not there."""
        _known(language)
        return dates.moment(at, zone, language, other)

    def day(self, value: date, language: str) -> str:
        """Write a day; see `dates.day`. MissingWording for a language that is not there."""
        _known(language)
        return dates.day(value, language)


def _known(language: str) -> None:
    if language not in dates.LANGUAGES:
        raise MissingWording(f"dates cannot be written in {language!r}")


def _plural(count: int, language: str, **forms: str) -> str:
    """Choose the form for `count`: `{{ n | plural(language, one="mail", other="mails") }}`."""
    return forms.get(dates.plural(count, language)) or forms["other"]


def _in_language(inflect: Callable[[str, str], str]) -> Callable[[Context, str], str]:
    """Return a filter that inflects a text as the language of the template does."""

    @jinja2.pass_context
    def inflected(context: Context, text: str) -> str:
        return inflect(text, str(context["language"]))

    return inflected


def _soft(text: object) -> Markup:
    """Escape `text` for HTML and offer a line break inside words that no phone could show."""
    return Markup("<wbr>").join(part for part in _LONG.split(str(text)) if part)


_NO_SUBJECT = {
    "en": "(no subject)",
    "nb": "(uten emne)",
    "hr": "(bez predmeta)",
    "ru": "(без темы)",
    "de": "(ohne Betreff)",
    "fr": "(sans objet)",
    "es": "(sin asunto)",
}
