"""What the simulated people write: by act and language, with {thing} for what it is about.

Written for the simulator, not taken from the phrases of the reading stage. A thing has a name in
each language; its words are shared by no other thing, so that an answer names what it answers.
"""

from __future__ import annotations

THINGS = {
    "en": "brochure|newsletter|banner|voucher|calendar|catalogue|flyer|poster|webshop|gallery|menu card|price list|business cards|letterhead|signage|packaging|animation|photobook|booking form|landing page|privacy notice|team portraits|office map|trailer|presentation|annual report|stickers|invitation|wallpaper|podcast cover",
    "nb": "brosjyren|nyhetsbrevet|banneret|gavekortet|kalenderen|katalogen|flygebladet|plakaten|nettbutikken|galleriet|menyen|prislisten|visittkortene|brevarket|skiltene|emballasjen|animasjonen|fotoboken|bestillingsskjemaet|landingssiden|personvernteksten|portrettene|kontorkartet|traileren|presentasjonen|årsrapporten|klistremerkene|invitasjonen|tapetet|podkastbildet",
    "de": "Broschüre|Newsletter|Banner|Gutschein|Kalender|Katalog|Handzettel|Plakat|Webshop|Galerie|Speisekarte|Preisliste|Visitenkarten|Briefbogen|Beschilderung|Verpackung|Animation|Fotobuch|Buchungsformular|Landeseite|Datenschutzhinweis|Teamporträts|Büroplan|Trailer|Präsentation|Jahresbericht|Aufkleber|Einladung|Tapete|Podcastbild",
    "hr": "brošura|bilten|natpis|poklon bon|kalendar|katalog|letak|plakat|webshop|galerija|jelovnik|cjenik|posjetnice|memorandum|putokazi|ambalaža|animacija|fotoknjiga|obrazac rezervacije|odredišna stranica|izjava privatnosti|portreti ekipe|tlocrt ureda|najava filma|prezentacija|godišnje izvješće|naljepnice|pozivnica|tapeta|naslovnica podcasta",
    "ru": "брошюра|рассылка|баннер|сертификат|календарь|каталог|листовка|плакат|магазин|галерея|меню|прайс-лист|визитки|бланк|вывеска|упаковка|анимация|фотокнига|форма записи|лендинг|политика данных|портреты команды|план офиса|трейлер|презентация|годовой отчёт|наклейки|приглашение|обои|обложка подкаста",
}

# Pages are many: a mail is about the page of a place.
PLACES = (
    "Bergen Trondheim Stavanger Drammen Fredrikstad Porsgrunn Skien Ålesund Sandefjord Haugesund "
    "Tønsberg Moss Bodø Hamar Larvik Halden Lillehammer Harstad Molde Horten Gjøvik Mo Kongsberg "
    "Askim Levanger Hønefoss Alta Narvik Elverum Leirvik Kongsvinger Mandal Grimstad Egersund "
    "Namsos Steinkjer Vadsø Kirkenes Hammerfest Førde Florø Volda Røros Otta Vinstra Dombås "
    "Åndalsnes Kristiansund Orkanger Stjørdal Verdal Brønnøysund Sandnessjøen Mosjøen Fauske "
    "Svolvær Leknes Sortland Finnsnes Tromsø Lakselv Karasjok Kautokeino Vardø Notodden Rjukan "
    "Kragerø Risør Arendal Lillesand Farsund Flekkefjord Bryne Sandnes Sauda Odda Voss Norheimsund "
    "Sogndal Lærdal Årdal Måløy Ørsta Ulsteinvik Fosnavåg Vestnes Sunndalsøra Oppdal Brekstad "
    "Rørvik Kolvereid Grong Lierne Hattfjelldal Mosvik Inderøy Frosta Selbu Tydal Meråker Holtålen "
    "Tynset Alvdal Folldal Koppang Trysil Engerdal Rendalen Åmot Løten Stange Nord-Odal Eidskog "
    "Zürich Winterthur Uster Dübendorf Dietikon Wetzikon Horgen Thalwil Meilen Küsnacht Zollikon "
    "Split Zadar Šibenik Dubrovnik Rijeka Pula Rovinj Poreč Opatija Karlovac Sisak Varaždin Čakovec "
    "Koprivnica Bjelovar Osijek Vukovar Vinkovci Slavonski Požega Virovitica Gospić Knin Makarska"
)
PAGE = {"en": "{} page", "nb": "{}-siden", "de": "{}-Seite", "hr": "stranica {}", "ru": "раздел {}"}

WORDS = {
    "request": {
        "en": "Could you send us the {thing}?|We need the {thing} from you. Can you prepare it?|Please send me the {thing}.",
        "nb": "Kan du sende oss {thing}?|Vi trenger {thing}. Kan du lage det?|Send meg {thing}, er du snill.",
        "de": "Können Sie uns {thing} schicken?|Wir brauchen {thing}. Können Sie das machen?|Bitte schicken Sie mir {thing}.",
        "hr": "Možete li nam poslati: {thing}?|Trebamo {thing}. Možete li to pripremiti?|Molim Vas pošaljite: {thing}.",
        "ru": "Не могли бы вы прислать: {thing}?|Нам нужно: {thing}. Сможете подготовить?|Пришлите, пожалуйста: {thing}.",
    },
    "chase": {
        "en": "Any news on the {thing}?|I am still waiting for an answer about the {thing}.|Did you get my mail about the {thing}?",
        "nb": "Noe nytt om {thing}?|Jeg venter fortsatt på svar om {thing}.|Fikk du e-posten min om {thing}?",
        "de": "Gibt es etwas Neues zu {thing}?|Ich warte immer noch auf eine Antwort zu {thing}.|Haben Sie meine Mail zu {thing} bekommen?",
        "hr": "Ima li novosti: {thing}?|Još uvijek čekam odgovor: {thing}.|Jeste li dobili moju poruku: {thing}?",
        "ru": "Есть новости: {thing}?|Я всё ещё жду ответа: {thing}.|Вы получили моё письмо: {thing}?",
    },
    "progress": {
        "en": "How is the {thing} coming along?|How far are you with the {thing}?",
        "nb": "Hvordan går det med {thing}?|Hvor langt er du kommet med {thing}?",
        "de": "Wie weit sind Sie mit {thing}?|Wie ist der Stand bei {thing}?",
        "hr": "Dokle ste stigli: {thing}?|Kako napreduje {thing}?",
        "ru": "Как продвигается {thing}?|На каком этапе {thing}?",
    },
    "addition": {
        "en": "For your information, our fair moved to hall seven, stand twelve, entrance north.",
        "nb": "Til orientering: messen vår er flyttet til hall sju, stand tolv, inngang nord.",
        "de": "Zur Information: unsere Messe ist jetzt in Halle sieben, Stand zwölf, Eingang Nord.",
        "hr": "Za Vašu informaciju: sajam je premješten u paviljon sedam, ulaz sjever.",
        "ru": "Для информации: наша выставка переехала в павильон семь, вход с севера.",
    },
    "forgot": {
        "en": "Sorry, I forgot the attachment. Here it is.",
        "nb": "Beklager, jeg glemte vedlegget. Her er det.",
        "de": "Entschuldigung, ich hatte den Anhang vergessen. Hier ist er.",
        "hr": "Oprostite, zaboravila sam prilog. Evo ga.",
        "ru": "Простите, забыла вложение. Вот оно.",
    },
    "thanks": {
        "en": "Thank you!|Many thanks.",
        "nb": "Tusen takk!|Mange takk.",
        "de": "Vielen Dank!|Danke schön.",
        "hr": "Hvala!|Puno hvala.",
        "ru": "Спасибо!|Большое спасибо.",
    },
    "our_answer": {
        "en": "It is done: {thing}.|The {thing} is taken care of.",
        "nb": "Det er gjort: {thing}.|{thing} er i orden.",
        "de": "Erledigt: {thing}.|{thing} ist in Ordnung gebracht.",
        "hr": "Gotovo: {thing}.|Sređeno: {thing}.",
        "ru": "Готово: {thing}.|Сделано: {thing}.",
    },
    "our_ask": {
        "en": "Could you send us the {thing}?|Please send us the {thing}.",
        "nb": "Kan dere sende oss {thing}?|Send oss {thing}, er dere snille.",
        "de": "Könnt ihr uns {thing} schicken?|Bitte schickt uns {thing}.",
        "hr": "Možete li nam poslati: {thing}?|Molimo pošaljite: {thing}.",
        "ru": "Не могли бы вы прислать: {thing}?|Пришлите нам, пожалуйста: {thing}.",
    },
    "our_delivery": {
        "en": "Here is the new draft: {thing}. Is it all right?|Attached you find the {thing}. What do you think?",
        "nb": "Her er det nye utkastet: {thing}. Er det i orden?|Vedlagt ligger {thing}. Hva synes dere?",
        "de": "Hier ist der neue Entwurf: {thing}. Passt das so?|Im Anhang finden Sie {thing}. Was meinen Sie?",
        "hr": "U prilogu je novi nacrt: {thing}. Je li u redu?|Šaljem novi nacrt: {thing}. Što mislite?",
        "ru": "Вот новый черновик: {thing}. Всё в порядке?|Во вложении {thing}. Что скажете?",
    },
    "our_invoice": {
        "en": "Attached is our invoice {thing}.",
        "nb": "Vedlagt er vår faktura {thing}.",
        "de": "Anbei unsere Rechnung {thing}.",
        "hr": "U prilogu je naš račun {thing}.",
        "ru": "Во вложении наш счёт {thing}.",
    },
    "answer": {
        "en": "Here is the {thing}.|Attached you find the {thing}.",
        "nb": "Her er {thing}.|Vedlagt ligger {thing}.",
        "de": "Hier ist {thing}.|Im Anhang finden Sie {thing}.",
        "hr": "Evo: {thing}.|U prilogu je {thing}.",
        "ru": "Вот {thing}.|Во вложении {thing}.",
    },
    "defer": {
        "en": "I will send it later this week.|You will get it next week.",
        "nb": "Jeg sender det senere denne uken.|Dere får det neste uke.",
        "de": "Ich schicke es später diese Woche.|Sie bekommen es nächste Woche.",
        "hr": "Poslat ću kasnije ovaj tjedan.|Dobit ćete idući tjedan.",
        "ru": "Пришлю позже на этой неделе.|Вы получите на следующей неделе.",
    },
    "question": {
        "en": "Which format do you need?",
        "nb": "Hvilket format trenger dere?",
        "de": "Welches Format brauchen Sie?",
        "hr": "Koji format trebate?",
        "ru": "Какой формат вам нужен?",
    },
    "our_clarification": {
        "en": "Any format is fine.",
        "nb": "Alle formater er greie.",
        "de": "Jedes Format ist recht.",
        "hr": "Svaki format je u redu.",
        "ru": "Подойдёт любой формат.",
    },
    "away": {
        "en": "I am out of the office and will answer when I am back.",
        "nb": "Jeg er ikke på kontoret og svarer når jeg er tilbake.",
        "de": "Ich bin nicht im Büro und antworte nach meiner Rückkehr.",
        "hr": "Nisam u uredu i odgovorit ću kad se vratim.",
        "ru": "Я не в офисе и отвечу, когда вернусь.",
    },
    "change": {
        "en": "Please make the title larger.|Please replace the photo at the top.",
        "nb": "Gjør tittelen større, er du snill.|Bytt ut bildet øverst, takk.",
        "de": "Bitte machen Sie den Titel größer.|Bitte tauschen Sie das Foto oben aus.",
        "hr": "Molim povećajte naslov.|Molim zamijenite fotografiju na vrhu.",
        "ru": "Сделайте, пожалуйста, заголовок крупнее.|Замените, пожалуйста, фото сверху.",
    },
    "scope": {
        "en": "While you are at it, could you also add an online shop?",
        "nb": "Når du først er i gang, kan du også legge til en nettbutikk?",
        "de": "Wenn Sie schon dabei sind, könnten Sie auch noch einen Onlineshop ergänzen?",
        "hr": "Kad ste već kod toga, možete li dodati i internetsku trgovinu?",
        "ru": "Раз уж вы этим занимаетесь, добавьте ещё интернет-магазин?",
    },
    "approval": {
        "en": "Approved, go ahead.|It is approved.",
        "nb": "Godkjent, kjør på.|Det er godkjent.",
        "de": "Freigegeben, bitte so umsetzen.|Das ist freigegeben.",
        "hr": "Odobreno, krenite.|Odobravamo.",
        "ru": "Утверждаю, запускайте.|Согласовано.",
    },
    "pay_promise": {
        "en": "We will pay invoice {thing} by {day}.",
        "nb": "Vi betaler faktura {thing} innen {day}.",
        "de": "Wir bezahlen die Rechnung {thing} bis {day}.",
        "hr": "Platit ćemo račun {thing} do {day}.",
        "ru": "Мы оплатим счёт {thing} до {day}.",
    },
}


def things(language: str) -> list[str]:
    """Return what mails may be about."""
    return THINGS[language].split("|")


def wordings(act: str, language: str) -> list[str]:
    """Return the sentences for an act."""
    return WORDS[act][language].split("|")


def pages(language: str) -> list[str]:
    """Return the pages that mails may be about."""
    return [PAGE[language].format(place) for place in PLACES.split()]
