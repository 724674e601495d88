"""What people call kinds of places, in eight languages, and which tags of OpenStreetMap those are; pure.

The first word of a language is what a place without a name is called in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from host.folding import folded

__all__ = ["CATEGORIES", "STOP_WORDS", "UNNAMED", "Category", "label", "words"]


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of place as people see it.

    Attributes:
        kinds: tags.
        names: by language (ISO 639-1); words as they are written, the usual one first.
    """

    kinds: frozenset[str]
    names: Mapping[str, tuple[str, ...]]


def _category(kinds: str, **names: str) -> Category:
    said = {language: tuple(words.split(", ")) for language, words in names.items()}
    return Category(frozenset(kinds.split()), said)


CATEGORIES: Final = (
    _category(
        "railway=station railway=halt building=train_station site=railway_station",
        en="station, train station, railway station, central station",
        es="estación, estación de tren, estación central", fr="gare, gare sncf, gare centrale",
        de="bahnhof, hauptbahnhof, hbf, bf", it="stazione, stazione ferroviaria",
        pt="estação, estação de comboios, estação central", ja="駅", zh="火车站, 车站, 站, 火車站, 車站",
    ),
    _category(
        "railway=subway_entrance railway=station", en="subway, metro, underground", es="metro", fr="métro",
        de="u-bahn", it="metropolitana, metro", pt="metrô, metro", ja="地下鉄", zh="地铁, 地铁站, 地鐵",
    ),
    _category(
        "highway=bus_stop public_transport=platform amenity=bus_station", en="bus stop, bus",
        es="parada de autobús, autobús", fr="arrêt de bus, bus", de="bushaltestelle, haltestelle, bus",
        it="fermata dell'autobus, fermata, autobus", pt="parada de ônibus, paragem de autocarro, ônibus, autocarro",
        ja="バス停", zh="公交站, 公车站, 巴士站",
    ),
    _category(
        "amenity=bus_station", en="bus station", es="estación de autobuses", fr="gare routière", de="busbahnhof, zob",
        it="autostazione", pt="rodoviária, estação rodoviária", ja="バスターミナル", zh="汽车站, 客运站",
    ),
    _category(
        "railway=tram_stop", en="tram stop, tram", es="tranvía", fr="arrêt de tram, tram, tramway",
        de="straßenbahnhaltestelle, straßenbahn, tram", it="tram", pt="elétrico, bonde", ja="路面電車",
        zh="电车站, 有轨电车",
    ),
    _category(
        "aeroway=aerodrome aeroway=terminal aeroway=helipad aeroway=heliport", en="airport", es="aeropuerto",
        fr="aéroport", de="flughafen", it="aeroporto", pt="aeroporto", ja="空港", zh="机场, 機場",
    ),
    _category(
        "leisure=marina landuse=harbour landuse=port amenity=ferry_terminal", en="harbour, harbor, port, marina",
        es="puerto", fr="port", de="hafen", it="porto", pt="porto, marina", ja="港", zh="港口, 码头",
    ),
    _category(
        "amenity=ferry_terminal", en="ferry", es="ferry, transbordador", fr="ferry, bac", de="fähre", it="traghetto",
        pt="balsa, ferry", ja="フェリー", zh="渡轮, 轮渡",
    ),
    _category(
        "amenity=taxi", en="taxi, taxi rank, taxi stand", es="taxi, parada de taxis", fr="taxi, station de taxi",
        de="taxi, taxistand", it="taxi", pt="táxi", ja="タクシー, タクシー乗り場", zh="出租车, 的士, 计程车",
    ),
    _category(
        "amenity=parking amenity=parking_entrance", en="parking, car park, parking lot", es="aparcamiento, parking",
        fr="parking", de="parkplatz, parkhaus", it="parcheggio", pt="estacionamento", ja="駐車場",
        zh="停车场, 停車場",
    ),
    _category(
        "amenity=bicycle_parking", en="bicycle parking, bike parking", es="aparcabicis", fr="parking à vélos",
        de="fahrradständer", it="parcheggio biciclette", pt="bicicletário", ja="駐輪場", zh="自行车停车处",
    ),
    _category(
        "amenity=bicycle_rental", en="bicycle rental, bike rental, bike share", es="alquiler de bicicletas",
        fr="location de vélos", de="fahrradverleih", it="noleggio biciclette", pt="aluguel de bicicletas",
        ja="レンタサイクル", zh="自行车租赁, 共享单车",
    ),
    _category(
        "shop=bicycle", en="bicycle shop, bike shop", es="tienda de bicicletas", fr="magasin de vélos",
        de="fahrradladen", it="negozio di biciclette", pt="loja de bicicletas", ja="自転車屋", zh="自行车店",
    ),
    _category(
        "amenity=fuel", en="petrol station, gas station, fuel", es="gasolinera", fr="station-service, essence",
        de="tankstelle", it="benzinaio, distributore", pt="posto de gasolina", ja="ガソリンスタンド", zh="加油站",
    ),
    _category(
        "amenity=toilets", en="toilets, toilet, restroom, wc, bathroom", es="aseos, baño, baños, servicios",
        fr="toilettes, wc", de="toiletten, toilette, wc, klo", it="bagni, bagno, toilette, servizi igienici",
        pt="banheiro, casa de banho, sanitários", ja="トイレ, お手洗い", zh="厕所, 洗手间, 廁所, 卫生间",
    ),
    _category(
        "amenity=drinking_water", en="drinking water, water", es="agua potable, fuente de agua", fr="eau potable",
        de="trinkwasser", it="acqua potabile", pt="água potável, bebedouro", ja="水飲み場", zh="饮用水, 饮水处",
    ),
    _category(
        "amenity=atm amenity=bank", en="cash machine, atm, cash", es="cajero, cajero automático",
        fr="distributeur, distributeur de billets, dab", de="geldautomat, bankomat", it="bancomat",
        pt="caixa eletrônico, multibanco", ja="atm, 現金自動預払機", zh="自动取款机, 提款机, atm",
    ),
    _category(
        "amenity=bank", en="bank", es="banco", fr="banque", de="bank", it="banca", pt="banco", ja="銀行",
        zh="银行, 銀行",
    ),
    _category(
        "amenity=pharmacy shop=chemist", en="pharmacy, chemist, drugstore", es="farmacia", fr="pharmacie",
        de="apotheke", it="farmacia", pt="farmácia", ja="薬局", zh="药店, 药房, 藥房",
    ),
    _category(
        "amenity=hospital healthcare=hospital", en="hospital, emergency room", es="hospital, urgencias",
        fr="hôpital, urgences", de="krankenhaus, klinikum, spital", it="ospedale, pronto soccorso", pt="hospital",
        ja="病院", zh="医院, 醫院",
    ),
    _category(
        "amenity=doctors amenity=clinic healthcare=doctor", en="doctor, clinic", es="médico, clínica",
        fr="médecin, clinique", de="arzt, ärztin, praxis", it="medico, clinica", pt="médico, clínica",
        ja="医院, クリニック", zh="诊所, 医生",
    ),
    _category(
        "amenity=dentist healthcare=dentist", en="dentist", es="dentista", fr="dentiste", de="zahnarzt",
        it="dentista", pt="dentista", ja="歯医者, 歯科", zh="牙医, 牙科",
    ),
    _category(
        "amenity=police", en="police, police station", es="policía, comisaría", fr="police, commissariat",
        de="polizei", it="polizia, carabinieri", pt="polícia, esquadra, delegacia", ja="警察, 交番",
        zh="警察局, 派出所",
    ),
    _category(
        "amenity=post_office amenity=post_box", en="post office, post", es="correos, oficina de correos",
        fr="poste, bureau de poste", de="post, postamt", it="posta, ufficio postale", pt="correios, correio",
        ja="郵便局", zh="邮局, 郵局",
    ),
    _category(
        "shop=supermarket shop=convenience shop=grocery", en="supermarket, grocery, groceries, convenience store",
        es="supermercado", fr="supermarché, épicerie", de="supermarkt", it="supermercato, alimentari",
        pt="supermercado, mercearia", ja="スーパー, スーパーマーケット, コンビニ", zh="超市, 便利店, 超級市場",
    ),
    _category(
        "shop=bakery shop=pastry", en="bakery", es="panadería", fr="boulangerie, pâtisserie", de="bäckerei, bäcker",
        it="panetteria, panificio", pt="padaria", ja="パン屋", zh="面包店",
    ),
    _category(
        "shop=mall shop=department_store", en="shopping centre, shopping mall, mall, department store",
        es="centro comercial", fr="centre commercial, grand magasin", de="einkaufszentrum, kaufhaus",
        it="centro commerciale", pt="shopping, centro comercial", ja="ショッピングセンター, デパート",
        zh="购物中心, 商场, 百货",
    ),
    _category(
        "amenity=marketplace", en="market", es="mercado", fr="marché", de="markt, marktplatz", it="mercato",
        pt="mercado, feira", ja="市場", zh="市场, 市場",
    ),
    _category(
        "shop=books amenity=library", en="bookshop, bookstore", es="librería", fr="librairie", de="buchhandlung",
        it="libreria", pt="livraria", ja="本屋, 書店", zh="书店",
    ),
    _category(
        "shop=hairdresser", en="hairdresser, barber", es="peluquería", fr="coiffeur", de="friseur", it="parrucchiere",
        pt="cabeleireiro", ja="美容院, 床屋", zh="理发店",
    ),
    _category(
        "shop=laundry", en="laundry, launderette", es="lavandería", fr="laverie", de="waschsalon, wäscherei",
        it="lavanderia", pt="lavanderia", ja="コインランドリー", zh="洗衣店",
    ),
    _category(
        "amenity=restaurant amenity=food_court", en="restaurant, food", es="restaurante", fr="restaurant",
        de="restaurant, gaststätte", it="ristorante, trattoria", pt="restaurante", ja="レストラン, 食堂",
        zh="餐厅, 饭店, 餐館, 餐馆",
    ),
    _category(
        "amenity=fast_food", en="fast food, takeaway", es="comida rápida", fr="restauration rapide", de="imbiss",
        it="fast food, tavola calda", pt="lanchonete", ja="ファストフード", zh="快餐",
    ),
    _category(
        "amenity=cafe shop=coffee", en="café, coffee, coffee shop", es="cafetería, café", fr="café", de="café",
        it="caffè, caffetteria", pt="café, cafetaria", ja="カフェ, 喫茶店", zh="咖啡馆, 咖啡店, 咖啡廳",
    ),
    _category(
        "amenity=bar amenity=pub amenity=biergarten", en="bar, pub", es="bar", fr="bar", de="kneipe, bar, biergarten",
        it="bar, pub", pt="bar", ja="居酒屋, バー", zh="酒吧",
    ),
    _category(
        "tourism=hotel tourism=hostel tourism=guest_house tourism=motel", en="hotel, hostel, guest house",
        es="hotel, hostal, albergue", fr="hôtel, auberge", de="hotel, pension, jugendherberge",
        it="albergo, hotel, ostello", pt="hotel, pousada, albergue", ja="ホテル, 旅館", zh="酒店, 宾馆, 旅馆, 飯店",
    ),
    _category(
        "tourism=museum tourism=gallery", en="museum, gallery", es="museo", fr="musée", de="museum", it="museo",
        pt="museu", ja="博物館, 美術館", zh="博物馆, 美术馆, 博物館",
    ),
    _category(
        "tourism=attraction tourism=viewpoint historic=monument historic=memorial", en="sight, attraction, viewpoint",
        es="mirador, atracción", fr="point de vue, attraction", de="aussichtspunkt, sehenswürdigkeit",
        it="belvedere, attrazione", pt="miradouro, mirante, atração", ja="展望台, 観光名所", zh="景点, 观景台",
    ),
    _category(
        "tourism=information", en="tourist information, information", es="oficina de turismo, información turística",
        fr="office de tourisme", de="touristeninformation, touristinfo",
        it="ufficio turistico, informazioni turistiche", pt="posto de turismo, informações turísticas",
        ja="観光案内所", zh="旅游咨询, 游客中心",
    ),
    _category(
        "historic=castle", en="castle, palace", es="castillo, palacio", fr="château, palais",
        de="schloss, burg, palast", it="castello, palazzo", pt="castelo, palácio", ja="城, 宮殿", zh="城堡, 宫殿",
    ),
    _category(
        "amenity=place_of_worship building=church building=cathedral building=mosque building=temple",
        en="church, cathedral, mosque, temple, synagogue, chapel", es="iglesia, catedral, mezquita, templo",
        fr="église, cathédrale, mosquée, temple, chapelle", de="kirche, dom, moschee, tempel, kapelle",
        it="chiesa, cattedrale, duomo, moschea, tempio", pt="igreja, catedral, mesquita, templo", ja="教会, 寺, 神社",
        zh="教堂, 寺庙, 清真寺",
    ),
    _category(
        "amenity=school amenity=kindergarten", en="school", es="escuela, colegio", fr="école, lycée, collège",
        de="schule", it="scuola", pt="escola", ja="学校, 小学校", zh="学校, 小学",
    ),
    _category(
        "amenity=university amenity=college", en="university, college", es="universidad", fr="université",
        de="universität, hochschule", it="università", pt="universidade, faculdade", ja="大学", zh="大学",
    ),
    _category(
        "amenity=library", en="library", es="biblioteca", fr="bibliothèque, médiathèque", de="bibliothek, bücherei",
        it="biblioteca", pt="biblioteca", ja="図書館", zh="图书馆, 圖書館",
    ),
    _category(
        "amenity=cinema", en="cinema, movie theater", es="cine", fr="cinéma", de="kino", it="cinema", pt="cinema",
        ja="映画館", zh="电影院",
    ),
    _category(
        "amenity=theatre amenity=arts_centre", en="theatre, theater, opera", es="teatro, ópera", fr="théâtre, opéra",
        de="theater, oper", it="teatro, opera", pt="teatro, ópera", ja="劇場", zh="剧院, 歌剧院",
    ),
    _category(
        "amenity=casino", en="casino", es="casino", fr="casino", de="casino, spielbank", it="casinò",
        pt="cassino, casino", ja="カジノ", zh="赌场",
    ),
    _category(
        "leisure=park leisure=garden", en="park, garden", es="parque, jardín", fr="parc, jardin", de="park, garten",
        it="parco, giardino", pt="parque, jardim", ja="公園, 庭園", zh="公园, 花园, 公園",
    ),
    _category(
        "leisure=playground", en="playground", es="parque infantil", fr="aire de jeux", de="spielplatz",
        it="parco giochi", pt="parquinho, parque infantil", ja="遊び場", zh="游乐场, 儿童乐园",
    ),
    _category(
        "natural=beach leisure=beach_resort", en="beach", es="playa", fr="plage", de="strand", it="spiaggia",
        pt="praia", ja="ビーチ, 浜, 海水浴場", zh="海滩, 沙滩",
    ),
    _category(
        "leisure=swimming_pool leisure=water_park", en="swimming pool, pool", es="piscina", fr="piscine",
        de="schwimmbad, freibad, hallenbad", it="piscina", pt="piscina", ja="プール", zh="游泳池",
    ),
    _category(
        "leisure=stadium leisure=sports_centre", en="stadium, sports centre, gym",
        es="estadio, polideportivo, gimnasio", fr="stade, gymnase", de="stadion, sporthalle", it="stadio, palestra",
        pt="estádio, ginásio", ja="スタジアム, 体育館", zh="体育场, 体育馆",
    ),
    _category(
        "tourism=zoo tourism=aquarium", en="zoo, aquarium", es="zoológico, zoo, acuario", fr="zoo, aquarium",
        de="zoo, tierpark, aquarium", it="zoo, acquario", pt="zoológico, aquário", ja="動物園, 水族館",
        zh="动物园, 水族馆",
    ),
    _category(
        "amenity=townhall", en="town hall, city hall", es="ayuntamiento", fr="mairie, hôtel de ville", de="rathaus",
        it="municipio, comune", pt="prefeitura, câmara municipal", ja="市役所, 役所", zh="市政厅, 市政府",
    ),
    _category(
        "amenity=embassy office=diplomatic", en="embassy, consulate", es="embajada, consulado",
        fr="ambassade, consulat", de="botschaft, konsulat", it="ambasciata, consolato", pt="embaixada, consulado",
        ja="大使館, 領事館", zh="大使馆, 领事馆",
    ),
    _category(
        "landuse=cemetery amenity=grave_yard", en="cemetery", es="cementerio", fr="cimetière", de="friedhof",
        it="cimitero", pt="cemitério", ja="墓地, 霊園", zh="墓地, 公墓",
    ),
    _category(
        "man_made=lighthouse", en="lighthouse", es="faro", fr="phare", de="leuchtturm", it="faro", pt="farol",
        ja="灯台", zh="灯塔",
    ),
    _category(
        "highway=elevator", en="elevator, lift", es="ascensor", fr="ascenseur", de="aufzug, lift", it="ascensore",
        pt="elevador", ja="エレベーター", zh="电梯",
    ),
)  # fmt: skip

UNNAMED: Final = frozenset(
    {
        "amenity=toilets", "amenity=drinking_water", "amenity=atm", "amenity=bank", "amenity=pharmacy", "amenity=taxi",
        "amenity=parking", "amenity=bicycle_parking", "amenity=bicycle_rental", "amenity=fuel", "amenity=post_office",
        "amenity=police", "amenity=hospital", "amenity=restaurant", "amenity=cafe", "amenity=fast_food",
        "shop=supermarket", "shop=convenience", "shop=bakery", "highway=elevator", "highway=bus_stop",
        "leisure=playground", "leisure=park", "natural=beach", "tourism=viewpoint", "railway=station",
        "railway=subway_entrance", "railway=tram_stop",
    }
)  # fmt: skip
"""Kinds that are looked for even where a place of them has no name."""

_STOP_WORDS: Final = """
    a an and at by in of on the to near
    de del el en la las los y al cerca
    au aux d des du et l le les
    am an bei beim das dem den der die im in und von zum zur
    ai al alla alle da dal dei del della delle di e il lo nei nel
    ao aos as da das do dos e na nas no nos o os
    の へ に 的 在 去
"""
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())
"""Words that join others; a name is found without them. Without accents, as what is looked for."""


def label(kind: str, language: str) -> str:
    """What a place of this kind is called, in that language or English; the tag's own word where nobody says."""
    for category in CATEGORIES:
        if kind in category.kinds:
            return (category.names.get(language) or category.names["en"])[0]
    key, _, value = kind.partition("=")
    word = key if value in {"yes", ""} else value
    return "address" if kind == "addr=house" else word.replace("_", " ")


@cache
def words() -> Mapping[str, frozenset[str]]:
    """Everything that kinds are called, folded and in lower case, and the kinds that it means."""
    found: dict[str, frozenset[str]] = {}
    for category in CATEGORIES:
        for names in category.names.values():
            for name in names:
                key = " ".join("".join(c if c.isalnum() else " " for c in folded(name).casefold()).split())
                found[key] = found.get(key, frozenset()) | category.kinds
    return found
