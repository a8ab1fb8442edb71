"""Titles before a name and what stands behind it: degrees, orders, ranks, generations, in many languages.

Gathered by hand from usage (forms of address, DIN 5008, lists of post-nominal letters). Keys are in small letters
without the last point.
"""

from __future__ import annotations

from crm_cli.standardize.wordlists import words

__all__ = ["AMBIGUOUS_TITLES", "COMMA_SUFFIXES", "SUFFIXES", "TITLES", "TITLE_TAILS"]

TITLES = {
    # English
    "mr": "Mr.", "mrs": "Mrs.", "ms": "Ms.", "miss": "Miss", "mx": "Mx.", "dr": "Dr.", "prof": "Prof.", "rev": "Rev.",
    "reverend": "Rev.", "hon": "Hon.", "sir": "Sir", "dame": "Dame", "lord": "Lord", "lady": "Lady", "capt": "Capt.",
    "captain": "Capt.", "cpt": "Capt.", "col": "Col.", "colonel": "Col.", "gen": "Gen.", "general": "Gen.",
    "lt": "Lt.", "lieutenant": "Lt.", "ltc": "LTC", "maj": "Maj.", "major": "Maj.", "sgt": "Sgt.", "ssgt": "SSgt.",
    "cpl": "Cpl.", "pvt": "Pvt.", "cmdr": "Cmdr.", "cdr": "Cdr.", "adm": "Adm.", "brig": "Brig.", "ens": "Ens.",
    "fr": "Fr.", "doctor": "Dr.", "professor": "Prof.", "mister": "Mr.", "rabbi": "Rabbi", "pastor": "Pastor",
    "judge": "Judge", "sen": "Sen.", "rep": "Rep.", "gov": "Gov.", "amb": "Amb.", "msgr": "Msgr.", "supt": "Supt.",
    "insp": "Insp.", "messrs": "Messrs.", "mmes": "Mmes", "madam": "Madam", "rt": "Rt.",
    # German
    "herr": "Herr", "frau": "Frau", "hr": "Hr.", "fr\u00e4ulein": "Fräulein", "ing": "Ing.", "dipl": "Dipl.",
    "dipl.-ing": "Dipl.-Ing.", "dipl.ing": "Dipl.-Ing.", "dipl-ing": "Dipl.-Ing.", "dr.-ing": "Dr.-Ing.",
    "dipl.-kfm": "Dipl.-Kfm.", "dipl.-kffr": "Dipl.-Kffr.", "dipl.-betriebsw": "Dipl.-Betriebsw.",
    "dipl.-phys": "Dipl.-Phys.", "dipl.-chem": "Dipl.-Chem.", "dipl.-math": "Dipl.-Math.", "dipl.-inf": "Dipl.-Inf.",
    "dipl.-inform": "Dipl.-Inform.", "dipl.-psych": "Dipl.-Psych.", "dipl.-volksw": "Dipl.-Volksw.",
    "dipl.-biol": "Dipl.-Biol.", "dipl.-geol": "Dipl.-Geol.", "dipl.-päd": "Dipl.-Päd.", "dipl.-jur": "Dipl.-Jur.",
    "dipl.-wirt.-ing": "Dipl.-Wirt.-Ing.", "dipl.-wirtsch.-ing": "Dipl.-Wirt.-Ing.", "mag": "Mag.", "mag.a": "Mag.a",
    "univ.-prof": "Univ.-Prof.", "priv.-doz": "Priv.-Doz.", "pd": "PD", "ra": "RA", "rain": "RAin", "stb": "StB",
    "dkfm": "Dkfm.", "ddr": "DDr.", "mmag": "MMag.", "di": "DI", "ltd. reg.-dir": "Ltd. Reg.-Dir.",
    # French
    "m": "M.", "mm": "MM.", "mme": "Mme", "mlle": "Mlle", "monsieur": "M.", "madame": "Mme", "mademoiselle": "Mlle",
    "me": "Me", "ma\u00eetre": "Me", "vve": "Vve",
    # Spanish and Portuguese
    "sr": "Sr.", "sra": "Sra.", "srta": "Srta.", "don": "Don", "doña": "Doña", "dña": "Dña.", "señor": "Sr.",
    "señora": "Sra.", "señorita": "Srta.", "dra": "Dra.", "lic": "Lic.", "licda": "Licda.", "arq": "Arq.",
    "profa": "Profa.", "ingª": "Ingª", "abog": "Abog.", "cap": "Cap.", "senhor": "Sr.", "senhora": "Sra.",
    "exmo": "Exmo.", "exma": "Exma.", "eng": "Eng.", "engº": "Eng.º", "engª": "Eng.ª", "c.p": "C.P.", "dona": "Dona",
    # Italian
    "sig": "Sig.", "sig.ra": "Sig.ra", "sig.na": "Sig.na", "signor": "Sig.", "signora": "Sig.ra", "dott": "Dott.",
    "dott.ssa": "Dott.ssa", "dottssa": "Dott.ssa", "avv": "Avv.", "prof.ssa": "Prof.ssa", "geom": "Geom.",
    "arch": "Arch.", "rag": "Rag.", "cav": "Cav.", "on": "On.", "p.i": "P.I.",
    # Dutch, Nordic
    "dhr": "Dhr.", "mevr": "Mevr.", "mw": "Mw.", "drs": "Drs.", "ir": "Ir.", "jhr": "Jhr.", "jkvr": "Jkvr.",
    "fru": "Fru", "frk": "Frk.", "fröken": "Fröken",
    # Slavic, Hungarian, Greek, Turkish
    "pan": "Pan", "pani": "Pani", "paní": "Paní", "mgr": "Mgr.", "mudr": "MUDr.", "judr": "JUDr.", "phdr": "PhDr.",
    "rndr": "RNDr.", "mvdr": "MVDr.", "thdr": "ThDr.", "paeddr": "PaedDr.", "phmr": "PhMr.", "bc": "Bc.",
    "doc": "Doc.", "inż": "Inż.", "inz": "Inż.", "lek": "Lek.", "özv": "Özv.", "ifj": "Ifj.", "id": "Id.",
    "г-н": "г-н", "г-жа": "г-жа", "господин": "господин", "госпожа": "госпожа", "д-р": "д-р", "проф": "проф.",
    "пан": "пан", "пані": "пані", "κος": "κος", "κα": "κα", "bay": "Bay", "bayan": "Bayan", "sn": "Sn.",
    # South and South-East Asia, Arabic
    "shri": "Shri", "smt": "Smt.", "kum": "Kum.", "datuk": "Datuk", "dato": "Dato", "dato'": "Dato'",
    "datin": "Datin",
    "tun": "Tun", "haji": "Haji", "hajjah": "Hajjah", "hj": "Hj.", "hjh": "Hjh.", "sheikh": "Sheikh",
    "shaikh": "Shaikh",
    "engr": "Engr.", "atty": "Atty.", "encik": "Encik", "puan": "Puan", "cik": "Cik", "bpk": "Bpk.", "drg": "Drg.",
}  # fmt: skip
# Titles that are given or family names as often; taken as titles only where a point or another title stands by.
AMBIGUOUS_TITLES = words(
    """
    m mm me sr don dona major general pan bay bayan ir sen rep fr pastor judge lord ing haji dame mag col gen tun
    arch cap eng on di id cav rag ra pd me doc lek bc sn rt ens adm amb brig dipl kum cik fru adv insp supt geom stb mw
    """
)
# What follows a title only ("Dr. med.", "Lt. Col.", "Tan Sri"); with its point, or in small letters.
TITLE_TAILS = {
    "med": "med.", "dent": "dent.", "vet": "vet.", "univ": "univ.", "rer": "rer.", "nat": "nat.", "pol": "pol.",
    "oec": "oec.", "phil": "phil.", "iur": "iur.", "jur": "jur.", "theol": "theol.", "habil": "habil.", "sc": "sc.",
    "math": "math.", "techn": "techn.", "tech": "tech.", "agr": "agr.", "mont": "mont.", "hum": "hum.", "h": "h.",
    "c": "c.", "h.c": "h.c.", "hc": "h.c.", "mult": "mult.", "e.h": "e.h.", "eh": "e.h.", "em": "em.", "mag": "Mag.",
    "rer.nat": "rer. nat.", "rer.pol": "rer. pol.", "med.dent": "med. dent.", "med.vet": "med. vet.", "(fh)": "(FH)",
    "publ": "publ.", "troph": "troph.", "ing": "Ing.", "col": "Col.", "gen": "Gen.", "cmdr": "Cmdr.", "gov": "Gov.",
    "hab": "hab.", "inż": "inż.", "adv": "Adv.", "hon": "Hon.", "dipl": "Dipl.", "comm": "Comm.",
}  # fmt: skip
SUFFIXES = {
    "jr": "Jr.", "jnr": "Jr.", "sr": "Sr.", "snr": "Sr.", "junior": "Jr.", "senior": "Sr.", "jun": "Jr.", "ii": "II",
    "iii": "III", "iv": "IV", "vi": "VI", "vii": "VII", "viii": "VIII", "v": "V", "2nd": "II", "3rd": "III",
    "4th": "IV", "5th": "V", "fils": "fils", "père": "père", "hijo": "hijo",
    "neto": "Neto", "filho": "Filho", "júnior": "Júnior", "sobrinho": "Sobrinho",
    "phd": "PhD", "ph.d": "PhD", "md": "MD", "m.d": "MD", "esq": "Esq.", "esquire": "Esq.", "dds": "DDS",
    "d.d.s": "DDS", "dvm": "DVM", "d.v.m": "DVM", "jd": "JD", "j.d": "JD", "mba": "MBA", "m.b.a": "MBA", "cpa": "CPA",
    "c.p.a": "CPA", "rn": "RN", "r.n": "RN", "do": "DO", "d.o": "DO", "od": "OD", "o.d": "OD", "dmd": "DMD",
    "d.m.d": "DMD", "edd": "EdD", "ed.d": "EdD", "pharmd": "PharmD", "pharm.d": "PharmD", "psyd": "PsyD",
    "psy.d": "PsyD", "dpm": "DPM", "d.p.m": "DPM", "dnp": "DNP", "dpt": "DPT", "dsc": "DSc", "scd": "ScD",
    "dphil": "DPhil", "mphil": "MPhil", "llm": "LLM", "ll.m": "LLM", "llb": "LLB", "ll.b": "LLB", "lld": "LLD",
    "msc": "MSc", "m.sc": "MSc", "bsc": "BSc", "b.sc": "BSc", "beng": "BEng", "meng": "MEng", "mph": "MPH",
    "msw": "MSW", "mfa": "MFA", "mpa": "MPA", "mbbs": "MBBS", "m.ed": "MEd", "med": "MEd", "b.ed": "BEd",
    "ma": "MA", "m.a": "MA", "ba": "BA", "b.a": "BA", "ms": "MS", "m.s": "MS", "bs": "BS", "b.s": "BS", "aa": "AA",
    "lcsw": "LCSW", "lmft": "LMFT", "lpn": "LPN", "aprn": "APRN", "np": "NP", "pa-c": "PA-C", "crna": "CRNA",
    "cfa": "CFA", "cfp": "CFP", "clu": "CLU", "chfc": "ChFC", "pmp": "PMP", "cissp": "CISSP", "sphr": "SPHR",
    "phr": "PHR", "pe": "PE", "p.e": "PE", "aia": "AIA", "faia": "FAIA", "facs": "FACS", "facp": "FACP",
    "frcs": "FRCS", "frcp": "FRCP", "frs": "FRS", "ceng": "CEng", "fca": "FCA", "acca": "ACCA", "csc": "CSc.",
    "drsc": "DrSc.", "ph.dr": "PhDr.", "obe": "OBE", "o.b.e": "OBE", "mbe": "MBE", "m.b.e": "MBE", "cbe": "CBE",
    "c.b.e": "CBE", "kbe": "KBE", "dbe": "DBE", "gbe": "GBE", "kcb": "KCB", "gcb": "GCB", "cmg": "CMG",
    "kcmg": "KCMG", "gcmg": "GCMG", "mvo": "MVO", "cvo": "CVO", "kcvo": "KCVO", "dso": "DSO", "bem": "BEM",
    "oam": "OAM", "qc": "QC", "kc": "KC", "sc": "SC", "mp": "MP", "mep": "MEP", "msp": "MSP", "ao": "AO", "am": "AM",
    "oc": "OC", "cm": "CM", "vc": "VC", "sj": "SJ", "s.j": "SJ", "osb": "OSB", "ofm": "OFM", "op": "OP",
    "usn": "USN", "usmc": "USMC", "usaf": "USAF", "uscg": "USCG", "usnr": "USNR", "usar": "USAR", "usmcr": "USMCR",
    "ret": "(Ret.)", "retd": "(Ret.)", "retired": "(Ret.)", "i.r": "i.R.", "a.d": "a.D.",
}  # fmt: skip
# Suffixes that are family names or initials as often ("Do" is a frequent Vietnamese and Korean name): after a comma.
COMMA_SUFFIXES = words(
    """
    do od pe ret retd retired neto filho júnior sobrinho kc sc mp ao am oc cm vc sj op ma ba ms bs aa v np med
    hijo père aia fca jun vi clu bem
    """
)
