"""The content words of a text as stems: enough to see that two texts speak of one thing."""

from __future__ import annotations

import re
import unicodedata

STEM = 6
"""Letters that are compared: `delivery` and `delivered`, `Entwurf` and `Entwurfs` meet."""

_WORD = re.compile(r"[^\W\d_]{4,}|\d{3,}")
_ASCII_WORD = re.compile(r"[a-z]{4,}|[0-9]{3,}")  # the same of lower-case ASCII, in half the time
# An option stands alone: "B", "A or B", "option C."; in "A website" it is an article. The letter
# comes first, what stands before it later: so most of a text is passed over at once.
_OPTION = re.compile(
    r"[A-H](?<![\w'’&-][A-H])(?![\w'’&-])"
    r"(?:(?<!A)|(?!\s+[a-z])|(?=\s+(?:or|oder|eller|ili|или|ou|o)\s+[B-H]))"
)


def gist(text: str) -> tuple[str, ...]:
    """Return the content words of `text` as stems, each once, in order of the alphabet.

    Words of four letters and more, lower case, without diacritics, cut to `STEM` letters; what only
    asks, thanks, greets or joins is left out. Numbers of three digits and more stay whole. Options
    that stand alone are kept as one capital letter.
    """
    folded = _folded(text)
    words = set((_ASCII_WORD if folded.isascii() else _WORD).findall(folded))
    found = {word[:STEM] if word.isalpha() else word for word in words}
    return tuple(sorted((found - _COMMON) | set(_OPTION.findall(text))))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text)
    return "".join(c for c in bare if not unicodedata.combining(c)).lower()


def _stems(words: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in _folded(words).split())


_COMMON = _stems(
    # English
    "about after again also another answer back been before best check come could dear does "
    "done each email feedback find friday from give good have hear hello here hope into just "
    "keep kind know last latest left like look looking mail make many message monday more much "
    "need next note once only other over please quick reach regards remind reply review same "
    "saturday seen send shall should some soon still such sunday take tell than thank thanks "
    "that their them then there these they thing think this those thursday time today tomorrow "
    "touch tuesday until update upon want wednesday week weekend well were what when where "
    "which while will with within would write wrote yesterday your yours attached attachment "
    # Norwegian and Danish
    "alle andre bare denne dere deres derfor dette dine disse ditt eller etter flere fordi "
    "fortsatt gjerne gode hadde hils hilsen hvilken hvis hvor hvordan igjen ikke kanskje kommer "
    "kunne mange mener mulig mye noen noget noko også over send sende sendt siden skal skulle "
    "snart svar takk trenger tror uke uken venlig vennlig ville vise vite være "
    "ligger snille vedlagt vedlegg "
    # Croatian
    "ako ali bilo biste dobar dobro gdje hvala imate ipak jeste jesu kada kako koja koje koji "
    "lijep mogu molim moze možete nakon nešto nisam opet ovaj ovdje ovim poruka poslati pozdrav "
    "pošalji pošaljite prije samo smo sve svoj tada tako treba vama vaš vaše više što "
    "molimo prilogu privitku "
    # Russian
    "будет вами вашего весь всего где дать день для добрый должен если есть ждем жду "
    "здравствуйте как какой когда который может можете можно мочь надо нам нами напишите нужно "
    "она они опять очень письмо подскажите пожалуйста пока после потом почему привет пришлите "
    "просто прошу сейчас скажите снова спасибо так также твой тебе того только уже хотел чего "
    "через чтобы этого этом "
    "вложении могли нужен нужна приложении присылаю прислать "
    # German
    "aber alle also auch auf bitte brauche brauchen danke dann dass deine denn dich diese "
    "dieser doch eine einem einen einer etwas euch euer freundliche gern gerne gibt gruss "
    "grusse grüße habe haben hallo hier ihnen ihre ihrer immer jetzt kann kannst konnen konnten "
    "können könnten liebe mehr mich mochte müssen nicht noch nochmal oder schicke schicken "
    "schon sehr sein senden sich sind sobald uber unsere wann welche wenn werden wieder wird "
    "wurde würden zurück über könnt anbei anhang "
    # French
    "aussi avec avez avoir bien bonjour cela cette comme cordialement dans depuis donc elle "
    "encore envoyer envoyez etre faire leur mais merci moins notre nous pour pourriez pouvez "
    "quand quel quelle sans sont suis toujours tous tout tres très votre vous être "
    # Spanish
    "algo antes aqui aquí cada como cual cuando desde donde ella ellos entre enviar envíe esta "
    "este esto favor gracias hacer hasta hola luego muchas nada necesito otra otro para pero "
    "podria podría puede puedes quiero saludos segun según siempre sobre solo tambien también "
    "tiene todo todos usted vuestro "
)
