"""What is said of a trip besides its instructions, in few words of the wearer's language; pure."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["Notice", "said"]


class Notice(Enum):
    """What there is to say; the value is the English of it."""

    NO_POSITION = "no position yet"
    POSITION_LOST = "position lost"
    OFF_ROUTE = "off the route"
    LOOKING = "looking for another way"
    NO_OTHER_WAY = "no other way found"
    TURNED_BACK = "wrong way"
    TO_THE_ROUTE = "go to the route"
    WALKING_DIRECTION = "up: walking direction"
    CHOOSE = "tap: next · twice, or wait: this one"


_ORDER: Final = tuple(Notice)
_OTHERS: Final = {
    "es": "aún sin posición|posición perdida|fuera de la ruta|buscando otro camino|no hay otro camino"
    "|sentido contrario|ve a la ruta|arriba: sentido de marcha"
    "|toque: siguiente · dos, o esperar: este",
    "fr": "pas encore de position|position perdue|hors de l'itinéraire|recherche d'un autre chemin"
    "|aucun autre chemin|mauvais sens|rejoignez l'itinéraire|haut : sens de marche"
    "|une tape : suivant · deux, ou attendre : celui-ci",
    "de": "noch keine Position|Position verloren|nicht auf der Route|suche einen anderen Weg"
    "|kein anderer Weg gefunden|falsche Richtung|zur Route gehen|oben: Laufrichtung"
    "|tippen: weiter · zweimal, oder warten: dieser",
    "it": "ancora nessuna posizione|posizione persa|fuori percorso|cerco un'altra strada"
    "|nessun'altra strada|direzione sbagliata|vai al percorso|in alto: senso di marcia"
    "|tocco: avanti · due, o attesa: questo",
    "pt": "ainda sem posição|posição perdida|fora do percurso|a procurar outro caminho"
    "|nenhum outro caminho|sentido errado|siga até ao percurso|em cima: sentido da marcha"
    "|toque: seguinte · dois, ou esperar: este",
    "ja": "位置はまだ不明です|位置を見失いました|ルートから外れています|別のルートを探しています"
    "|別のルートがありません|逆方向です|ルートへ進む|上：進行方向"
    "|タップ：次へ · 二回、または待つ：決定",
    "zh": "尚无定位|定位丢失|已偏离路线|正在寻找其他路线|没有其他路线|方向相反|前往路线|上方：行进方向"
    "|轻点：下一个 · 两次或等待：选定",
}


def said(notice: Notice, language: str) -> str:
    """The words; English stands in for a language without them.

    Args:
        notice: what.
        language: ISO 639-1, perhaps with a region ("pt-BR").
    """
    words = _OTHERS.get(language.partition("-")[0].lower())
    return notice.value if words is None else words.split("|")[_ORDER.index(notice)]
