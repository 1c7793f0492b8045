"""Providers of mail whose servers are known: by the domain of an address, or by its MX.

Sources: each provider's own help page. A guess that is wrong costs a password, so what is not
certain does not stand here.
"""

from __future__ import annotations

from dataclasses import dataclass

from mailhours.model.server import Security


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens."""

    host: str
    port: int
    security: Security

    def __str__(self) -> str:
        """Write it for people."""
        return f"{self.host}:{self.port} ({self.security.value})"


@dataclass(frozen=True, slots=True)
class Provider:
    """`domains` of its addresses, `exchangers` at the end of the MX of others that it serves.

    `advice` is what its customers must do before a program may log in. `authserv_id` is the name
    under which it writes Authentication-Results, empty where it is not certain.
    """

    key: str
    name: str
    domains: tuple[str, ...]
    exchangers: tuple[str, ...]
    imap: Endpoint
    smtp: Endpoint
    advice: str = ""
    authserv_id: str = ""


def _tls(host: str, port: int = 993) -> Endpoint:
    return Endpoint(host, port, Security.TLS)


def _starttls(host: str, port: int = 587) -> Endpoint:
    return Endpoint(host, port, Security.STARTTLS)


_APP = "make an app password for mailhours; your usual password is refused"

_OAUTH = (
    "passwords are refused: OAuth is the only way. Set token_command to a program that prints "
    "a token (oama, mutt_oauth2.py, email-oauth2-proxy) for the scopes IMAP.AccessAsUser.All "
    "and SMTP.Send"
)

PROVIDERS = (
    Provider(
        "gmail",
        "Gmail and Google Workspace",
        ("gmail.com", "googlemail.com"),
        ("google.com", "googlemail.com"),
        _tls("imap.gmail.com"),
        _tls("smtp.gmail.com", 465),
        "turn on 2-step verification, then make an app password at "
        "https://myaccount.google.com/apppasswords; where your office forbids that, use "
        "token_command with an OAuth program of your own",
        "mx.google.com",
    ),
    Provider(
        "outlook",
        "Outlook.com",
        ("outlook.com", "hotmail.com", "live.com", "msn.com"),
        ("olc.protection.outlook.com",),
        _tls("outlook.office365.com"),
        _starttls("smtp-mail.outlook.com"),
        f"{_OAUTH}; allow IMAP in its settings first (Mail, Forwarding and IMAP)",
    ),
    Provider(
        "microsoft",
        "Microsoft 365",
        (),
        ("protection.outlook.com",),
        _tls("outlook.office365.com"),
        _starttls("smtp.office365.com"),
        f"{_OAUTH}; the administrator may have to allow SMTP AUTH for your mailbox",
    ),
    Provider(
        "yahoo",
        "Yahoo and AOL",
        ("yahoo.com", "ymail.com", "aol.com", "yahoo.co.uk", "yahoo.de", "yahoo.fr", "yahoo.es"),
        ("yahoodns.net",),
        _tls("imap.mail.yahoo.com"),
        _tls("smtp.mail.yahoo.com", 465),
        f"{_APP} (Account security)",
    ),
    Provider(
        "icloud",
        "iCloud",
        ("icloud.com", "me.com", "mac.com"),
        ("mail.icloud.com",),
        _tls("imap.mail.me.com"),
        _starttls("smtp.mail.me.com"),
        "make an app-specific password at https://account.apple.com; the user of IMAP is what "
        "stands before the @, the user of SMTP the whole address",
    ),
    Provider(
        "fastmail",
        "Fastmail",
        ("fastmail.com", "fastmail.fm"),
        ("messagingengine.com",),
        _tls("imap.fastmail.com"),
        _tls("smtp.fastmail.com", 465),
        f"{_APP} (Settings, Privacy & Security), with access to IMAP and SMTP",
    ),
    Provider(
        "gmx",
        "GMX",
        ("gmx.de", "gmx.net", "gmx.at", "gmx.ch"),
        ("gmx.net",),
        _tls("imap.gmx.net"),
        _tls("mail.gmx.net", 465),
        "allow IMAP in the settings of GMX first; with 2-step verification make an app password",
    ),
    Provider(
        "gmx.com",
        "GMX.com",
        ("gmx.com",),
        (),
        _tls("imap.gmx.com"),
        _tls("mail.gmx.com", 465),
        "allow IMAP in the settings of GMX first",
    ),
    Provider(
        "web.de",
        "WEB.DE",
        ("web.de",),
        ("web.de",),
        _tls("imap.web.de"),
        _starttls("smtp.web.de"),
        "allow IMAP in the settings of WEB.DE first; with 2-step verification make an app password",
    ),
    Provider(
        "ionos",
        "IONOS",
        (),
        ("ionos.com", "ionos.de", "kundenserver.de", "1and1.com"),
        _tls("imap.ionos.de"),
        _tls("smtp.ionos.de", 465),
    ),
    Provider(
        "mailbox.org",
        "mailbox.org",
        ("mailbox.org",),
        ("mailbox.org",),
        _tls("imap.mailbox.org"),
        _tls("smtp.mailbox.org", 465),
        "with 2-step verification make an app password",
    ),
    Provider(
        "posteo",
        "Posteo",
        ("posteo.de", "posteo.net", "posteo.eu"),
        ("posteo.de",),
        _tls("posteo.de"),
        _tls("posteo.de", 465),
    ),
    Provider(
        "mail.ru",
        "Mail.ru",
        ("mail.ru", "bk.ru", "list.ru", "inbox.ru", "internet.ru"),
        ("mail.ru",),
        _tls("imap.mail.ru"),
        _tls("smtp.mail.ru", 465),
        _APP,
    ),
    Provider(
        "yandex",
        "Yandex",
        ("yandex.ru", "yandex.com", "ya.ru"),
        ("yandex.net", "yandex.ru"),
        _tls("imap.yandex.com"),
        _tls("smtp.yandex.com", 465),
        f"allow mail programs in the settings, then {_APP}",
    ),
    Provider(
        "zoho",
        "Zoho Mail",
        ("zoho.com", "zohomail.com"),
        ("zoho.com",),
        _tls("imap.zoho.com"),
        _tls("smtp.zoho.com", 465),
        "allow IMAP in the settings of Zoho first; with 2-step verification make an app password",
    ),
    Provider(
        "proton",
        "Proton Mail (through its Bridge on this machine)",
        ("proton.me", "protonmail.com", "pm.me"),
        ("protonmail.ch",),
        Endpoint("127.0.0.1", 1143, Security.NONE),
        Endpoint("127.0.0.1", 1025, Security.NONE),
        "Proton is reached through Proton Mail Bridge: start it on this machine, and use the user "
        "and the password that the Bridge shows",
    ),
)


def by_domain(domain: str) -> Provider | None:
    """Return the provider whose addresses end in `domain`."""
    return next((one for one in PROVIDERS if domain in one.domains), None)


def by_exchanger(host: str) -> Provider | None:
    """Return the provider that runs the mail exchanger `host` (its MX)."""
    host = host.rstrip(".").lower()
    for one in PROVIDERS:
        if any(host == name or host.endswith(f".{name}") for name in one.exchangers):
            return one
    return None


def of_server(at: Endpoint) -> Provider | None:
    """Return the provider of a server; on this machine the port tells which one it is."""
    local = at.host == "127.0.0.1"
    return next(
        (
            one
            for one in PROVIDERS
            if any(
                at.host == its.host and (at.port == its.port or not local)
                for its in (one.imap, one.smtp)
            )
        ),
        None,
    )
