"""Kinds of values: how single values are written, as types of the schema."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, PlainValidator

from mailhours.model.client import Money, Role
from mailhours.model.duration import Duration
from mailhours.model.hours import Block
from mailhours.model.reply import Mode, ReplyKind
from mailhours.model.server import Security
from mailhours.settings import written
from mailhours.settings.holiday import country
from mailhours.settings.secrets import Reference, command, reference

CLAUSES = ("feedback", "payment", "revisions", "scope", "contact", "turnaround", "termination")
_Item = TypeVar("_Item")


def _mode(value: object) -> Mode:
    return Mode(written.choice(*Mode)(value))


def _kind(value: object) -> ReplyKind:
    known = [kind for kind in ReplyKind if kind not in (ReplyKind.HELD, ReplyKind.SUMMARY)]
    return ReplyKind(written.choice(*known)(value))


def _role(value: object) -> Role:
    return Role(written.choice(*Role)(value))


def _security(value: object) -> Security:
    return Security(written.choice(*Security)(value))


def _in_order(blocks: list[Block]) -> list[Block]:
    placed = sorted(blocks, key=lambda block: block.start)
    for before, after in pairwise(placed):
        if before.end > after.start:
            raise ValueError("two time spans overlap")
    if placed and placed[-1].end - 1440 > placed[0].start:
        raise ValueError("the time span over midnight runs into itself")
    return placed


def _check_ins(times: list[time]) -> list[time]:
    if not times:
        raise ValueError('without check-ins nothing ever leaves; write ["10:00", "15:00"]')
    return _once(sorted(times))


def _once(values: list[_Item]) -> list[_Item]:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise ValueError(f"{value} stands here twice")
    return values


def _some(values: list[_Item]) -> list[_Item]:
    if not values:
        raise ValueError("is an empty list")
    return values


Text = Annotated[str, PlainValidator(written.text)]
Line = Annotated[str, PlainValidator(written.line)]
Name = Annotated[str, PlainValidator(written.name)]
Key = Annotated[str, PlainValidator(written.key)]
Address = Annotated[str, PlainValidator(written.address)]
AddressOrDomain = Annotated[str, PlainValidator(written.address_or_domain)]
Host = Annotated[str, PlainValidator(written.host)]
Clock = Annotated[time, PlainValidator(written.clock)]
Day = Annotated[date, PlainValidator(written.day)]
Days = Annotated[tuple[date, date], PlainValidator(written.days)]
Zone = Annotated[ZoneInfo, PlainValidator(written.zone)]
Language = Annotated[str, PlainValidator(written.language)]
Country = Annotated[str, PlainValidator(country)]
AnyDuration = Annotated[Duration, PlainValidator(written.duration)]
Wall = Annotated[timedelta, PlainValidator(written.wall)]
Terms = Annotated[Duration, PlainValidator(written.terms)]
Amount = Annotated[Money, PlainValidator(written.money)]
Password = Annotated[Reference, PlainValidator(reference)]
Command = Annotated[Reference, PlainValidator(command)]
Span = Annotated[Block, PlainValidator(written.block)]
Spans = Annotated[list[Span], AfterValidator(_in_order)]
Edition = Annotated[int, Field(ge=1, le=1)]
Port = Annotated[int, Field(ge=1, le=65535)]
Limit = Annotated[int, Field(ge=0, le=1000)]
Replies = Annotated[Mode, PlainValidator(_mode)]
Kind = Annotated[ReplyKind, PlainValidator(_kind)]
Part = Annotated[Role, PlainValidator(_role)]
Protection = Annotated[Security, PlainValidator(_security)]
Clause = Annotated[str, PlainValidator(written.choice(*CLAUSES))]
Names = Annotated[list[Name], AfterValidator(_some), AfterValidator(_once)]
CheckIns = Annotated[list[Clock], AfterValidator(_check_ins)]
HalfDay = Annotated[Spans, AfterValidator(_some)]
Addresses = Annotated[list[AddressOrDomain], AfterValidator(_some)]
