"""Which folder is what: the owner's word, then the server's flag, then names in many languages.

A wrong guess is worse than none: whoever looks for the owner's answers in the wrong folder writes
to clients who were answered long ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mailhours.model.faults import FolderFault
from mailhours.model.raw import FolderRole
from mailhours.model.server import MailboxSettings

_SENT = """
sent|sent items|sent messages|sent mail|sent-mail|outgoing|gesendet|gesendete elemente|
gesendete objekte|gesendete nachrichten|envoyés|envoyes|éléments envoyés|messages envoyés|
objets envoyés|courrier envoyé|enviados|enviadas|elementos enviados|mensajes enviados|
correo enviado|itens enviados|mensagens enviadas|posta inviata|inviati|elementi inviati|
verzonden|verzonden items|verzonden berichten|sendt|sendte|sendte elementer|sendt post|
sendte meldinger|sendte mails|skickat|skickade|skickade objekt|skickade meddelanden|lähetetyt|
lähetetyt viestit|wysłane|elementy wysłane|wiadomości wysłane|odeslaná pošta|odeslané|
odoslaná pošta|odoslané|poslano|poslane|poslana pošta|poslane stavke|poslane poruke|
poslani predmeti|отправленные|отправленные письма|исходящие|надіслані|изпратени|послато|послате|
gönderilmiş öğeler|gönderilenler|gönderilmiş postalar|elküldött|elküldött elemek|
elküldött üzenetek|trimise|elemente trimise|mesaje trimise|σταλμένα|απεσταλμένα|išsiųsta|
nosūtītie|saadetud|送信済み|送信済みアイテム|送信済みメール|已发送|已发送邮件|已寄出|寄件備份|
寄件匣|보낸편지함|보낸 편지함
"""
_DRAFTS = """
drafts|draft|entwürfe|entwurf|brouillons|brouillon|borradores|rascunhos|bozze|concepten|utkast|
utkaster|kladder|kladde|luonnokset|koncepty|koncept|rozepsané|robocze|wersje robocze|
kopie robocze|skice|nacrti|osnutki|černopis|черновики|чернетки|чернови|нацрти|taslaklar|
piszkozatok|ciorne|schițe|πρόχειρα|juodraščiai|melnraksti|mustandid|下書き|草稿|草稿箱|
임시보관함|임시 보관함
"""
_ASIDE = """
trash|deleted|deleted items|deleted messages|bin|papierkorb|gelöschte elemente|corbeille|
papelera|lixeira|cestino|prullenbak|papirkurv|papperskorgen|slettet|slettede elementer|
roskakori|kosz|koš|kôš|smeće|корзина|кошик|çöp kutusu|lomtár|gelöscht|junk|junk e-mail|
junk email|spam|bulk mail|søppelpost|skräppost|ongewenste e-mail|courrier indésirable|
correo no deseado|posta indesiderata|нежелательная почта|neželjena pošta|archive|archives|
archiv|arkiv|архив|arhiva|all mail|starred|important|outbox|notes|templates|vorlagen|maler|
conversation history|rss feeds|sync issues|calendar|contacts|journal|tasks|scheduled|snoozed|
chats
"""


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.replace("\n", "").split("|"))


NAMES = {FolderRole.SENT: _names(_SENT), FolderRole.DRAFTS: _names(_DRAFTS)}
ASIDE = _names(_ASIDE)
_OUTBOX = frozenset({"outgoing", "исходящие", "寄件匣"})  # in some programs what waits to be sent
_SURELY_SENT = NAMES[FolderRole.SENT] - _OUTBOX
_FLAGS = {FolderRole.SENT: "\\sent", FolderRole.DRAFTS: "\\drafts"}
_NOT_OURS = {"\\trash", "\\junk", "\\archive", "\\all", "\\flagged", "\\important", "\\noselect"}
_UNSELECTABLE = {"\\noselect", "\\nonexistent"}
_SHOWN_AGAIN = {"\\flagged", "\\important"}


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder as listed: `name` for people, `raw` as its source writes it, flags lower-case."""

    name: str
    raw: bytes = b""
    flags: frozenset[str] = frozenset()
    delimiter: str = "/"

    @property
    def leaf(self) -> str:
        """Return the last component of the path, as names are compared."""
        last = self.name.rpartition(self.delimiter)[2] if self.delimiter else self.name
        return last.casefold().strip()

    @property
    def parent(self) -> str:
        """Return the path without its last component, as names are compared; empty at the top."""
        return self.name.rpartition(self.delimiter)[0].casefold() if self.delimiter else ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """The folders that are read, each with its role, in the order in which they are looked at.

    `missing` are the roles for which no folder exists yet, with the name to create. `problems` are
    folders that were asked for and can not be found.
    """

    folders: tuple[tuple[Folder, FolderRole], ...]
    missing: dict[FolderRole, str] = field(default_factory=dict)
    problems: tuple[FolderFault, ...] = ()

    def of(self, role: FolderRole) -> Folder | None:
        """Return the folder of that role."""
        return next((folder for folder, held in self.folders if held is role), None)


def assign(listed: Sequence[Folder], settings: MailboxSettings) -> Assigned:
    """Give each folder that mailhours reads its role."""
    usable = [folder for folder in listed if not folder.flags & _UNSELECTABLE]
    chosen: list[tuple[Folder, FolderRole]] = []
    missing: dict[FolderRole, str] = {}
    problems: list[FolderFault] = []

    def take(folder: Folder, role: FolderRole) -> None:
        if folder.name not in {held.name for held, _ in chosen}:
            chosen.append((folder, role))

    special = {
        FolderRole.HELD: _held(usable, settings),
        FolderRole.SENT: _special(usable, settings.sent, FolderRole.SENT),
        FolderRole.DRAFTS: _special(usable, settings.drafts, FolderRole.DRAFTS),
    }
    for name in settings.folders:
        if folder := _named(usable, name):
            take(folder, FolderRole.INBOX)
        else:
            problems.append(_absent(settings.name, name, usable))
    for role, (found, name) in special.items():
        if found:
            take(found, role)
        elif role is FolderRole.SENT and (doubt := _doubt(settings, usable, chosen)):
            problems.append(doubt)
        else:
            missing[role] = name
    if settings.sent in ("", "auto"):
        # Each program of the owner's may keep one of its own, beside the others: an answer lies in
        # any of them. Further down lie those of other people, where a server shows them (RFC 2342).
        sent, _ = special[FolderRole.SENT]
        beside = {"", "inbox", sent.parent if sent else ""}
        for folder in usable:
            is_sent = _FLAGS[FolderRole.SENT] in folder.flags or folder.leaf in _SURELY_SENT
            if is_sent and folder.parent in beside:
                take(folder, FolderRole.SENT)
    return Assigned(tuple(chosen), missing, tuple(problems))


def others(listed: Sequence[Folder], held: Assigned) -> list[Folder]:
    r"""Return the folders that have no role: filters and people put mail there. No drafts.

    What shows mails of other folders once more is left out; not `\All`, which holds what skipped
    the inbox.
    """
    taken = {folder.name for folder, _ in held.folders}
    return [
        folder
        for folder in listed
        if folder.name not in taken
        and not folder.flags & (_UNSELECTABLE | _SHOWN_AGAIN)
        and _FLAGS[FolderRole.DRAFTS] not in folder.flags
        and folder.leaf not in NAMES[FolderRole.DRAFTS]
    ]


def _named(folders: Iterable[Folder], name: str) -> Folder | None:
    """Find `name` as written, else below the prefix INBOX, else whatever its case."""
    held = list(folders)
    wanted = name.casefold()
    for same in (
        lambda f: f.name == name,
        lambda f: f.name.casefold() == wanted,
        lambda f: f.name.casefold() == f"inbox{f.delimiter}{wanted}",
    ):
        if found := next(filter(same, held), None):
            return found
    return None


def _held(folders: Sequence[Folder], settings: MailboxSettings) -> tuple[Folder | None, str]:
    name = settings.held or "Check-in"
    return _named(folders, name), name


def _special(
    folders: Sequence[Folder], configured: str, role: FolderRole
) -> tuple[Folder | None, str]:
    if configured not in ("", "auto"):
        return _named(folders, configured), configured
    flagged = [folder for folder in folders if _FLAGS[role] in folder.flags]
    known = [folder for folder in folders if folder.leaf in NAMES[role]]
    # The shortest path: an archive or somebody else's mailbox may hold one of its own further down.
    for some in (flagged, known):
        some.sort(key=lambda f: (f.name.count(f.delimiter or "/"), f.leaf in _OUTBOX, f.name))
    name = "Sent" if role is FolderRole.SENT else "Drafts"
    return next(iter(flagged + known), None), name


def _doubt(
    settings: MailboxSettings,
    folders: Sequence[Folder],
    chosen: Sequence[tuple[Folder, FolderRole]],
) -> FolderFault | None:
    """Say so when some other folder may be where the owner's mail goes."""
    taken = {folder.name for folder, _ in chosen}
    if settings.sent not in ("", "auto"):
        rivals, _ = _special(folders, "auto", FolderRole.SENT)
        if rivals is None:
            return None
        return FolderFault(
            f"{settings.name}: there is no folder {settings.sent!r} for sent mail",
            hint=f"{rivals.name!r} looks like it; set sent in [mailbox.{settings.name}]",
        )
    unknown = [
        folder.name
        for folder in folders
        if folder.name not in taken
        and not folder.flags & _NOT_OURS
        and folder.leaf not in ASIDE | NAMES[FolderRole.DRAFTS] | {"inbox"}
        and folder.leaf != settings.held.casefold()
        and _FLAGS[FolderRole.DRAFTS] not in folder.flags
    ]
    if not unknown:
        return None
    shown = ", ".join(sorted(unknown)[:8])
    return FolderFault(
        f"{settings.name}: none of its folders is known as the one for sent mail ({shown})",
        hint=f'set sent = "..." in [mailbox.{settings.name}]; a name that is not there is created',
    )


def _absent(mailbox: str, name: str, folders: Sequence[Folder]) -> FolderFault:
    shown = ", ".join(sorted(folder.name for folder in folders)[:12]) or "none"
    return FolderFault(f"{mailbox}: there is no folder {name!r}", hint=f"there are: {shown}")
