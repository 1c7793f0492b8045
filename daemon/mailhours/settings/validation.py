"""A document against the schema: every problem at once, in plain words, and the best reading.

pydantic finds what is wrong; here its words become advice. What is wrong is then taken out and the
rest read again, so that the checks across tables and files run in the same pass: the owner mends
everything in one go. A reading with problems is never used for anything but finding more of them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from mailhours.model.faults import Problem
from mailhours.settings.documents import Document
from mailhours.settings.lines import Place
from mailhours.settings.schema import Table
from mailhours.settings.suggestion import did_you_mean, nearest, quoted

File = TypeVar("File", bound=Table)

# A file that is wrong from end to end is the wrong file: nobody reads a thousand lines about it.
MOST = 100


@dataclass(frozen=True, slots=True)
class Reading(Generic[File]):
    """What a document says, as far as it says it rightly."""

    document: Document
    values: File
    mistyped: frozenset[Place] = frozenset()

    def problem(self, path: Place, what: str) -> Problem:
        """Return a problem at `path` of this document."""
        return self.document.problem(path, what)

    def has(self, *path: str | int) -> bool:
        """Say whether `path` is written, rightly or wrongly, or was probably meant."""
        return path in self.mistyped or self.document.has(path)


def read(document: Document, model: type[File]) -> tuple[Reading[File], list[Problem]]:
    """Return the best reading of `document` and what is wrong with it."""
    problems: list[Problem] = []
    mistyped: set[Place] = set()
    data: Any = document.data
    while True:
        try:
            values = model.model_validate(data)
            problems += missing(document, model, mistyped)
            return Reading(document, values, frozenset(mistyped)), _few(document, problems)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)
        data = copy.deepcopy(data)
        for one in wrong:
            path = _place(one["loc"])
            problems.append(document.problem(path, _advice(one, path, model)))
            if one["type"] == "extra_forbidden":
                mistyped.add((*path[:-1], nearest(str(path[-1]), keys(_table_at(path, model)))))
            _take_out(data, path)


def missing(document: Document, model: type[Table], mistyped: Container[Place]) -> list[Problem]:
    """Return what must be written and is not, in every table that is there.

    What is there under a `mistyped` name has been told already: one mistake, one line.
    """
    found = []
    for path, field, table in walk(document.data, model):
        words = extra(field, "needed")
        if words and path[-1] not in table and path not in mistyped:
            found.append(document.problem(path, f"is missing; {words}"))
    return found


def walk(
    data: object, model: type[Table], above: Place = ()
) -> Iterator[tuple[Place, FieldInfo, Mapping[str, Any]]]:
    """Yield every key that the tables in `data` may have: its path, field, and the table."""
    if not isinstance(data, Mapping):
        return
    for name, field in model.model_fields.items():
        key = field.alias or name
        path = (*above, key)
        yield path, field, data
        inner = table_of(field.annotation)
        if inner is None or key not in data:
            continue
        below = data[key]
        if isinstance(below, list):
            for index, item in enumerate(below):
                yield from walk(item, inner, (*path, index))
        elif named(field.annotation) and isinstance(below, Mapping):
            for part, item in below.items():
                yield from walk(item, inner, (*path, part))
        else:
            yield from walk(below, inner, path)


def table_of(annotation: object) -> type[Table] | None:
    """Return the table that a field holds: itself, in a list, by name, or perhaps."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    inner = (table_of(argument) for argument in get_args(annotation))
    return next((table for table in inner if table), None)


def named(annotation: object) -> bool:
    """Say whether a field holds tables by name, like [mailbox.NAME]."""
    origin = getattr(annotation, "__origin__", None)
    return origin is dict and table_of(annotation) is not None


def extra(field: FieldInfo, name: str) -> str:
    """Return what the schema says of a field beside its type."""
    said = field.json_schema_extra
    return str(said.get(name, "")) if isinstance(said, dict) else ""


def _place(loc: Sequence[str | int]) -> Place:
    return tuple(part for part in loc if part != "[key]")


def _take_out(data: Any, path: Place) -> None:  # noqa: ANN401 - TOML is what it is
    """Remove the key that `path` lies under; a list goes as a whole, or its indices would shift."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    for part in path[:-1]:
        inside = dict(enumerate(data)) if isinstance(data, list) else data
        if isinstance(inside, dict) and part in inside:
            data = inside[part]
        elif part != 0:  # a single table stands for a list of one
            return
    if path and isinstance(data, dict):
        data.pop(path[-1], None)


def _table_at(path: Place, model: type[Table]) -> type[Table]:
    """Return the table in which the key at the end of `path` stands."""
    table = model
    for part in path[:-1]:
        for name, field in table.model_fields.items():
            if (field.alias or name) == part:
                table = table_of(field.annotation) or table
                break
    return table


def _unknown(error: Mapping[str, Any], path: Place, model: type[Table]) -> str:
    del error
    known = keys(_table_at(path, model))
    key = str(path[-1])
    if hint := did_you_mean(key, known):
        return f"unknown key{hint}"
    elsewhere = sorted(where for where, names in sections(model).items() if key in names)
    if elsewhere:
        return f"unknown key here; it belongs in {' or '.join(elsewhere)}"
    return f"unknown key; known are {', '.join(sorted(known))}"


def _few(document: Document, problems: list[Problem]) -> list[Problem]:
    rest = len(problems) - MOST
    if rest <= 0:
        return problems
    return [*problems[:MOST], Problem(document.file, 1, "", f"and {rest} more like these")]


def keys(table: type[Table]) -> list[str]:
    """Return the keys of a table as they are written."""
    return [field.alias or name for name, field in table.model_fields.items()]


def sections(model: type[Table]) -> Mapping[str, list[str]]:
    """Return the tables of a file as they are headed, with their keys."""
    found = {"the top of the file, above the first [table]": keys(model)}
    for name, field in model.model_fields.items():
        if inner := table_of(field.annotation):
            head = f"{name}.NAME" if named(field.annotation) else name
            found[f"[{head}]"] = keys(inner)
    return found


def _limit(words: str, name: str) -> Callable[[Mapping[str, Any], Place, type[Table]], str]:
    return lambda error, _path, _model: f"{words} {error['ctx'][name]}"


def _own(error: Mapping[str, Any], path: Place, model: type[Table]) -> str:
    del path, model
    return str(error["ctx"]["error"])


def _table(error: Mapping[str, Any], path: Place, model: type[Table]) -> str:
    del error, model
    if len(path) == 2 and path[0] == "mailbox":
        return "must be a table; mailboxes have names: [mailbox.main]"
    return f"must be a table: [{path[-1]}] or {{ key = value }}"


_WORDS: Mapping[str, str] = {
    "int_type": "must be a whole number without quotes, like 3",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false, without quotes",
    "list_type": 'must be a list in square brackets: ["..."]',
    "string_type": 'must be text in quotes: "..."',
}
_SAID: Mapping[str, Callable[[Mapping[str, Any], Place, type[Table]], str]] = {
    "extra_forbidden": _unknown,
    "value_error": _own,
    "greater_than_equal": _limit("must be at least", "ge"),
    "less_than_equal": _limit("must be at most", "le"),
    "dict_type": _table,
    "model_type": _table,
    "model_attributes_type": _table,
}


def _advice(error: Mapping[str, Any], path: Place, model: type[Table]) -> str:
    kind = str(error["type"])
    if path == ("schema",):
        return "this mailhours reads schema = 1"
    if words := _WORDS.get(kind):
        return words
    if say := _SAID.get(kind):
        return say(error, path, model)
    return quoted(str(error["msg"]))[1:-1]
