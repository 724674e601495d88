"""Codes of three letters for the languages that have one of two; pure.

Besides ISO 639-3 itself: the codes that FLORES-200 (NLLB) gives to the usual form of a language that ISO counts as
several, such as `arb` of Arabic.
"""

from __future__ import annotations

from typing import Final

__all__ = ["TWO_LETTERS"]

_TABLE: Final = (
    "afr af aka ak amh am ara ar arb ar arg an asm as ast ast azj az aze az ayr ay bak ba bam bm bel be ben bn bod "
    "bo bos bs bre br bul bg cat ca ceb ceb ces cs cym cy dan da deu de dzo dz ell el eng en epo eo est et eus eu "
    "ewe ee fao fo fij fj fin fi fra fr fuv ff gla gd gle ga glg gl grn gn guj gu hat ht hau ha hbs sh heb he hin "
    "hi hrv hr hun hu hye hy ibo ig ind id isl is ita it jav jv jpn ja kan kn kas ks kat ka kaz kk khm km kik ki "
    "kin rw kir ky kmr ku kon kg kor ko lao lo lav lv lvs lv lim li lin ln lit lt ltz lb lug lg mal ml mar mr mkd "
    "mk mlg mg plt mg mlt mt mon mn khk mn mri mi msa ms zsm ms mya my nep ne npi ne nld nl nno nn nob nb nor no "
    "nya ny oci oc ori or ory or orm om gaz om pan pa pes fa fas fa pol pl por pt pus ps pbt ps que qu quy qu ron "
    "ro run rn rus ru sag sg san sa sin si slk sk slv sl smo sm sna sn snd sd som so sot st spa es sqi sq als sq "
    "srd sc srp sr ssw ss sun su swa sw swh sw swe sv tam ta tat tt tel te tgk tg tgl tl tha th tir ti tsn tn tso "
    "ts tuk tk tur tr twi tw uig ug ukr uk urd ur uzb uz uzn uz vie vi wol wo xho xh yid yi ydd yi yor yo zho zh "
    "cmn zh zul zu"
)
_CODES: Final = _TABLE.split()

TWO_LETTERS: Final[dict[str, str]] = dict(zip(_CODES[::2], _CODES[1::2], strict=True))
"""ISO 639-3 to ISO 639-1; the few that have no code of two letters stand for themselves."""
