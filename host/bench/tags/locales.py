"""How shops of seventeen countries write prices on tags: signs, points, words and products; pure data.

Words are chosen as tags have them,
        not from the table that the reading uses (`host/price/words.py`): several spellings
a meaning, some of which it may lack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["LOCALES", "Locale"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """How one country's tags are written.

    Attributes:
        language: ISO 639-1.
        country: ISO 3166-1.
        currency: ISO 4217.
        point: before the decimals.
        group: between thousands.
        price: forms of a price; {} is the number.
        whole: forms of a price without cents; empty where it is written as any other.
        each: of a price for one of a unit; {} is the price without sign, {unit} "kg" or "l".
        per: words for one of a unit of weighed goods.
        was, now, save, member, deposit: forms around a price.
        multi: an offer of several for a total, {count} and {}; empty where none is made.
        free: an offer to pay for fewer; {count} and {paid}.
        names: of products, with how they are sold: "g", "ml" or "kg" (weighed).
        tax_in, tax_out: words.
    """

    language: str
    country: str
    currency: str
    point: str = ","
    group: str = "."
    price: tuple[str, ...]
    whole: tuple[str, ...] = ()
    each: tuple[str, ...]
    per: tuple[str, ...]
    was: tuple[str, ...]
    now: tuple[str, ...]
    save: tuple[str, ...]
    member: tuple[str, ...]
    deposit: tuple[str, ...] = ()
    multi: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...]
    tax_in: str = ""
    tax_out: str = ""


_NO: Final = Locale(
    language="no", country="NO", currency="NOK", group=" ",
    price=("{}", "{} kr", "kr {}"), whole=("{},-", "{}.-"),
    each=("{} kr/kg", "Pr/kg {}", "kr/{unit} {}", "{}/{unit}", "Pris pr. {unit} {}"), per=("pr kg", "kr/kg",
        "Pr. kg"),
    was=("Før {}", "Førpris {}", "Ord. pris {}", "Veil. {}"), now=("Nå {}", "Kun {}", "Tilbud {}"),
    save=("Spar {}", "Du sparer {} kr", "-30%"), member=("Medlem {}", "Medlemspris {}"),
    deposit=("+ pant {}", "+pant kr {}", "Pant {}"), multi=("{count} for {}", "{count} stk {}", "{count} for kr {}"),
    free=("{count} for {paid}", "Ta {count} betal for {paid}"),
    names=(("TINE LETTMELK", "ml"), ("GULROT", "kg"), ("GRANDIOSA ORIGINAL", "g"), ("FARRIS BLÅ", "ml"), ("BRUNOST",
        "g")),
    tax_in="inkl. mva", tax_out="ekskl. mva",
)  # fmt: skip
_SV: Final = Locale(
    language="sv", country="SE", currency="SEK", group=" ",
    price=("{}", "{} kr"), whole=("{}:-", "{} kr"),
    each=("Jfr-pris {} kr/kg", "Jmf {}/{unit}", "{} kr/{unit}", "Jämförpris {} kr/{unit}"), per=("/kg", "kr/kg",
        "per kg"),
    was=("Ord. pris {}", "Ord {}", "Tidigare {}"), now=("Nu {}", "Extrapris {}", "Kampanj {}"),
    save=("Spara {} kr", "-25%"), member=("Medlemspris {}", "Klubbpris {}"), deposit=("+ pant {}", "Pant {} kr"),
    multi=("{count} för {}", "{count} st {}", "{count} för {} kr"), free=("Ta {count} betala för {paid}",
        "{count} för {paid}"),
    names=(("Mellanmjölk 1,5%", "ml"), ("ÄPPLE ROYAL GALA", "kg"), ("Knäckebröd", "g"), ("Grillkorv", "g"),
        ("LOKA CITRON", "ml")),
    tax_in="inkl. moms", tax_out="exkl. moms",
)  # fmt: skip
_DA: Final = Locale(
    language="da", country="DK", currency="DKK",
    price=("{}", "{} kr.", "kr. {}"), whole=("{},-", "{}.-"),
    each=("{} kr./kg", "Pr. {unit} {}", "Kg-pris {}", "Pr. {unit} max. {}"), per=("pr. kg", "kr./kg"),
    was=("Før {}", "Førpris {}", "Normalpris {}"), now=("Nu {}", "Kun {}", "Tilbud {}"),
    save=("Spar {}", "-20%"), member=("Medlemspris {}", "Med app {}"), deposit=("+ pant {}", "Pant {}"),
    multi=("{count} for {}", "{count} stk. {}"), free=("Tag {count} betal for {paid}",),
    names=(("Letmælk 1,5%", "ml"), ("KARTOFLER", "kg"), ("Rugbrød", "g"), ("LEVERPOSTEJ", "g"), ("Faxe Kondi", "ml")),
    tax_in="inkl. moms", tax_out="ekskl. moms",
)  # fmt: skip
_FI: Final = Locale(
    language="fi", country="FI", currency="EUR", group=" ",
    price=("{}", "{} €"),
    each=("{} €/{unit}", "Vertailuhinta {} €/{unit}", "{}/{unit}"), per=("/kg", "€/kg"),
    was=("Ennen {}", "Norm. {}", "Normaalihinta {}"), now=("Nyt {}", "Tarjous {}", "Vain {}"),
    save=("Säästä {} €", "-30%"), member=("Plussa {}", "Jäsenhinta {}"), deposit=("+ pantti {}", "Sis. pantin {}"),
    multi=("{count} kpl {}", "{count} / {} €"), free=("Osta {count} maksa {paid}", "{count}x{paid}"),
    names=(("Rasvaton maito", "ml"), ("BANAANI", "kg"), ("Ruisleipä", "g"), ("JUHLA MOKKA", "g"), ("Hartwall Jaffa",
        "ml")),
    tax_in="sis. alv", tax_out="alv 0%",
)  # fmt: skip
_DE: Final = Locale(
    language="de", country="DE", currency="EUR",
    price=("{}", "{} €", "€ {}"), whole=("{},-", "{},- €", "{}.-"),
    each=("1 {unit} = {} €", "1{unit}={}", "{unit} = {} €", "Grundpreis: {} €/{unit}", "(1 {unit} = € {})"),
    per=("per kg", "je kg", "1 kg", "€/kg"),
    was=("statt {}", "UVP {}", "bisher {}", "Statt {} €"), now=("nur {}", "Aktion {}", "Jetzt {}", "Angebot {}"),
    save=("Sie sparen {} €", "-30%", "{} € gespart"), member=("mit App {}", "Payback {}", "Mit Karte {}"),
    deposit=("zzgl. {} Pfand", "+ {} € Pfand", "+Pfand {}"),
    multi=("{count} für {}", "{count} Stück {}", "{count} für {} €", "{count} Stück nur {}"),
    free=("Nimm {count} zahl {paid}", "{paid}+1 gratis"),
    names=(("Bio Vollmilch 3,8%", "ml"), ("ÄPFEL BRAEBURN", "kg"), ("Haribo Goldbären", "g"), ("Mühlenbrot", "g"),
        ("GEROLSTEINER", "ml")),
    tax_in="inkl. MwSt.", tax_out="zzgl. MwSt.",
)  # fmt: skip
_CH: Final = Locale(
    language="de", country="CH", currency="CHF", point=".", group="'",
    price=("{}", "CHF {}", "Fr. {}"), whole=("{}.-", "{}.\u2013"),
    each=("100g = {}", "{}/100g", "1 {unit} = CHF {}", "{}/{unit}"), per=("per kg", "kg"),
    was=("statt {}", "vorher {}", "bisher {}"), now=("Aktion {}", "nur {}", "jetzt {}"),
    save=("sparen {}", "-20%", "30% Rabatt"), member=("mit Karte {}", "Cumulus {}"), deposit=("+ Depot {}",
        "Pfand {}"),
    multi=("{count} für {}", "{count} Stück {}"), free=("{count} für {paid}", "{paid} + 1 gratis"),
    names=(("Emmi Caffè Latte", "ml"), ("RÜEBLI", "kg"), ("Gruyère rezent", "g"), ("Zweifel Chips Paprika", "g"),
        ("RIVELLA ROT", "ml")),
    tax_in="inkl. MwSt", tax_out="exkl. MwSt",
)  # fmt: skip
_FR: Final = Locale(
    language="fr", country="FR", currency="EUR", group=" ",
    price=("{}", "{} €", "{}€"),
    each=("Le kilo {} €", "{} €/{unit}", "Prix au {unit} : {} €", "Soit {} € le {unit}", "{unit}: {} €"),
    per=("le kg", "Le kilo", "€/kg"),
    was=("Au lieu de {}", "Avant {}", "Ancien prix {}"), now=("Maintenant {}", "Promo {}", "Prix {}"),
    save=("-30%", "Soit {} € d'économie", "Remise {} €"), member=("Avec la carte {}", "Prix carte {}"),
    deposit=("+ consigne {}", "Consigne {} €"), multi=("{count} pour {}", "{count} pour {} €", "Les {count} : {} €",
        "Lot de {count} : {}"),
    free=("{paid} achetés = 1 offert", "{count} achetés {paid} payés", "{paid}+1 gratuit"),
    names=(("LAIT DEMI-ÉCRÉMÉ", "ml"), ("Pommes Golden", "kg"), ("Crème fraîche épaisse", "g"), ("BEURRE DOUX", "g"),
        ("Évian", "ml")),
    tax_in="TTC", tax_out="HT",
)  # fmt: skip
_ES: Final = Locale(
    language="es", country="ES", currency="EUR",
    price=("{}", "{} €", "{}€"),
    each=("{} €/{unit}", "Precio por {unit}: {} €", "El kilo a {} €", "{}€/{unit}", "1 {unit} {} €"), per=("€/kg",
        "el kilo", "kg"),
    was=("Antes {}", "PVP {}", "Antes: {} €"), now=("Ahora {}", "Oferta {}", "Solo {}"),
    save=("-25%", "Ahorra {} €", "Dto. {} €"), member=("Socios {}", "Con tarjeta {}"), deposit=("+ depósito {}",),
    multi=("{count} por {}", "{count} x {} €", "{count} unidades por {} €"), free=("{count}x{paid}",
        "Lleva {count} paga {paid}"),
    names=(("LECHE ENTERA", "ml"), ("Plátano de Canarias", "kg"), ("Jamón serrano", "g"), ("Galletas María", "g"),
        ("AGUA MINERAL", "ml")),
    tax_in="IVA incluido", tax_out="sin IVA",
)  # fmt: skip
_MX: Final = Locale(
    language="es", country="MX", currency="MXN", point=".", group=",",
    price=("${}", "{}", "$ {}"),
    each=("${} por {unit}", "${}/{unit}", "Precio por {unit} ${}"), per=("por kg", "/kg", "el kilo"),
    was=("Antes ${}", "De ${}", "Precio regular ${}"), now=("Ahora ${}", "Oferta ${}", "Hoy ${}"),
    save=("Ahorra ${}", "-15%"), member=("Socio ${}", "Con tarjeta ${}"),
    multi=("{count} por ${}", "{count} x ${}"), free=("{count}x{paid}", "Lleva {count} paga {paid}"),
    names=(("Leche Lala entera", "ml"), ("AGUACATE HASS", "kg"), ("Tortillas de maíz", "g"), ("Frijol negro", "g"),
        ("COCA-COLA", "ml")),
    tax_in="IVA incluido", tax_out="más IVA",
)  # fmt: skip
_IT: Final = Locale(
    language="it", country="IT", currency="EUR",
    price=("{}", "€ {}", "{} €"),
    each=("€ {} al {unit}", "€/{unit} {}", "{} €/{unit}", "Prezzo al {unit} € {}"), per=("al kg", "€/kg", "al chilo"),
    was=("Anziché {}", "Prima {}", "Invece di {}"), now=("Ora {}", "Offerta {}", "A soli {}"),
    save=("Sconto 30%", "Risparmi {} €", "-20%"), member=("Con carta {}", "Soci {}"), deposit=("+ cauzione {}",),
    multi=("{count} per {}", "{count} pezzi {} €", "{count} a {} €"), free=("{count}x{paid}",
        "Prendi {count} paghi {paid}"),
    names=(("LATTE INTERO", "ml"), ("Mele Fuji", "kg"), ("Pasta Barilla n.5", "g"), ("Caffè macinato", "g"),
        ("ACQUA NATURALE", "ml")),
    tax_in="IVA inclusa", tax_out="IVA esclusa",
)  # fmt: skip
_PT: Final = Locale(
    language="pt", country="PT", currency="EUR",
    price=("{}", "{} €", "{}€"),
    each=("{} €/{unit}", "Preço por {unit}: {} €", "{}€ / {unit}"), per=("€/kg", "/kg", "o kilo"),
    was=("Antes {}", "PVPR {}", "Preço anterior {}"), now=("Agora {}", "Só {}", "Promoção {}"),
    save=("Poupe {} €", "-30%", "Desconto {} €"), member=("Com cartão {}",), deposit=("+ depósito {}",),
    multi=("{count} por {}", "Leve {count} por {} €"), free=("Leve {count} pague {paid}", "{count}x{paid}"),
    names=(("LEITE MEIO GORDO", "ml"), ("Maçã Royal Gala", "kg"), ("Pão de forma", "g"), ("Queijo flamengo", "g"),
        ("ÁGUA DO LUSO", "ml")),
    tax_in="IVA incluído", tax_out="sem IVA",
)  # fmt: skip
_BR: Final = Locale(
    language="pt", country="BR", currency="BRL",
    price=("R$ {}", "R${}", "{}"),
    each=("R$ {} / {unit}", "R$ {} por {unit}", "{unit} R$ {}"), per=("kg", "o kg", "por kg"),
    was=("De R$ {}", "De: R$ {}", "Antes R$ {}"), now=("Por R$ {}", "Por apenas R$ {}", "Oferta R$ {}"),
    save=("Economize R$ {}", "-15%"), member=("Cliente Clube R$ {}", "Com cartão R$ {}"),
    multi=("{count} por R$ {}", "Leve {count} por R$ {}"), free=("Leve {count} pague {paid}",),
    names=(("LEITE INTEGRAL", "ml"), ("Tomate italiano", "kg"), ("Café Pilão", "g"), ("Feijão carioca", "g"),
        ("GUARANÁ ANTARCTICA", "ml")),
)  # fmt: skip
_NL: Final = Locale(
    language="nl", country="NL", currency="EUR",
    price=("{}", "€ {}", "€{}"), whole=("{},-", "{}.\u2013"),
    each=("per {unit} {}", "prijs per {unit} € {}", "{} per {unit}", "{unit} {}"), per=("per kilo", "per kg"),
    was=("van {}", "Was {}", "Adviesprijs {}"), now=("nu {}", "voor {}", "Actie {}"),
    save=("{} korting", "25% korting", "Bespaar {}"), member=("Bonuskaart {}", "met kaart {}"),
    deposit=("excl. statiegeld {}", "+ statiegeld {}"), multi=("{count} voor {}", "{count} stuks {}"),
    free=("{paid}+1 gratis", "{count} halen {paid} betalen"),
    names=(("Halfvolle melk", "ml"), ("ELSTAR APPELS", "kg"), ("Hagelslag puur", "g"), ("Jonge kaas", "g"),
        ("SPA BLAUW", "ml")),
    tax_in="incl. btw", tax_out="excl. btw",
)  # fmt: skip
_GB: Final = Locale(
    language="en", country="GB", currency="GBP", point=".", group=",",
    price=("£{}", "{}"),
    each=("£{} per {unit}", "£{}/{unit}", "£{} / {unit}", "{unit} £{}"), per=("per kg", "£/kg", "/kg"),
    was=("Was £{}", "RRP £{}", "was £{}"), now=("Now £{}", "Only £{}", "now £{}"),
    save=("Save £{}", "20% off", "1/3 off"), member=("Clubcard Price £{}", "Nectar price £{}", "Members £{}"),
    multi=("{count} for £{}", "Any {count} for £{}", "Buy {count} for £{}"), free=("{count} for {paid}",
        "Buy {paid} get 1 free"),
    names=(("Semi Skimmed Milk", "ml"), ("GALA APPLES", "kg"), ("Baked Beans in Sauce", "g"), ("Mature Cheddar",
        "g"), ("ORANGE JUICE", "ml")),
    tax_in="inc. VAT", tax_out="ex VAT",
)  # fmt: skip
_US: Final = Locale(
    language="en", country="US", currency="USD", point=".", group=",",
    price=("${}", "{}"),
    each=("${} per {unit}", "${}/{unit}", "Unit price ${} per {unit}", "${} / {unit}"), per=("per lb", "/lb", "lb"),
    was=("Was ${}", "Reg. ${}", "Regular price ${}"), now=("Now ${}", "Sale ${}", "Only ${}"),
    save=("Save ${}", "SAVE ${}", "25% OFF"), member=("With card ${}", "Member price ${}"),
    deposit=("+ deposit ${}", "+CRV ${}", "plus {} dep"), multi=("{count}/${}", "{count} for ${}", "{count} / ${}"),
    free=("Buy {paid} get 1 free",),
    names=(("WHOLE MILK", "ml"), ("Bananas", "lb"), ("Creamy Peanut Butter", "g"), ("TORTILLA CHIPS", "g"),
        ("SPARKLING WATER", "ml")),
    tax_in="incl. tax", tax_out="plus tax",
)  # fmt: skip
_PL: Final = Locale(
    language="pl", country="PL", currency="PLN", group=" ",
    price=("{}", "{} zł", "{}zł"),
    each=("{} zł/{unit}", "1 {unit} = {} zł", "Cena za {unit}: {} zł", "Cena za 1 {unit} {}"), per=("za kg", "zł/kg",
        "1 kg"),
    was=("Cena regularna {} zł", "Było {}", "Najniższa cena z 30 dni: {}", "przed {}"), now=("Teraz {}",
        "Promocja {}", "Tylko {}"),
    save=("Oszczędzasz {} zł", "-30%", "taniej o {}"), member=("Z kartą {}", "Z aplikacją {}"),
        deposit=("+ kaucja {}", "kaucja {} zł"),
    multi=("{count} za {}", "{count} szt. za {} zł", "{count} za {} zł"), free=("{paid}+1 gratis",
        "{count} w cenie {paid}"),
    names=(("MLEKO ŁACIATE 2%", "ml"), ("Jabłka Ligol", "kg"), ("Ser żółty Gouda", "g"), ("Kiełbasa śląska", "g"),
        ("ŻYWIEC ZDRÓJ", "ml")),
    tax_in="z VAT", tax_out="netto",
)  # fmt: skip
_CN: Final = Locale(
    language="zh", country="CN", currency="CNY", point=".", group=",",
    price=("¥{}", "{}元", "￥{}"),
    each=("{}元/{unit}", "单价:{}元/{unit}", "¥{}/{unit}", "{}元/500g"), per=("元/kg", "元/500g", "元/斤"),
    was=("原价¥{}", "原价:{}元", "市场价{}"), now=("现价¥{}", "特价{}元", "促销价¥{}"),
    save=("立减{}元", "8折", "省{}元"), member=("会员价¥{}", "会员价:{}元"),
    multi=("{count}件{}元", "{count}个{}元"), free=("买{paid}送1",),
    names=(("纯牛奶", "ml"), ("红富士苹果", "kg"), ("康师傅红烧牛肉面", "g"), ("老干妈风味豆豉", "g"), ("农夫山泉",
        "ml")),
    tax_in="含税", tax_out="不含税",
)  # fmt: skip
_JP: Final = Locale(
    language="ja", country="JP", currency="JPY", point=".", group=",",
    price=("{}円", "¥{}", "{}"),
    each=("100gあたり{}円", "100g当たり {}円", "100g {}円"), per=("100gあたり", "100g当り"),
    was=("通常価格{}円", "定価 {}円", "通常 {}円"), now=("特価{}円", "セール {}円", "お買得 {}円"),
    save=("{}円引き", "30%OFF", "2割引"), member=("会員価格{}円", "アプリ会員 {}円"),
    multi=("{count}点で{}円", "よりどり{count}点 {}円", "{count}個で{}円"),
    names=(("おいしい牛乳", "ml"), ("国産豚バラ肉", "g100"), ("ポテトチップス うすしお味", "g"),
        ("サッポロ一番 みそラーメン", "g"), ("お~いお茶", "ml")),
    tax_in="税込", tax_out="税抜",
)  # fmt: skip

LOCALES: Final = (_GB, _US, _DE, _CH, _FR, _ES, _MX, _IT, _PT, _BR, _NL, _NO, _SV, _DA, _FI, _PL, _CN, _JP)
"""All of them."""
