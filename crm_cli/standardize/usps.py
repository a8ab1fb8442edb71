"""Words of addresses in the United States and their abbreviations: USPS Publication 28, appendices B, C1 and C2."""

from __future__ import annotations

__all__ = ["BOX_TYPES", "DIRECTIONS", "ROUTE_TYPES", "STREET_TYPES", "UNITS"]

DIRECTIONS = {
    "north": "N", "south": "S", "east": "E", "west": "W", "northeast": "NE", "northwest": "NW", "southeast": "SE",
    "southwest": "SW", "n": "N", "s": "S", "e": "E", "w": "W", "ne": "NE", "nw": "NW", "se": "SE", "sw": "SW",
    "no": "N", "so": "S", "north east": "NE", "north west": "NW", "south east": "SE", "south west": "SW",
}  # fmt: skip

# Appendix C1: the standard abbreviation, then what is also written for it.
_STREETS = """
Aly allee alley ally; Anx anex annex annx; Arc arcade; Ave av aven avenu avenue avn avnue; Bch beach; Bg burg;
Bgs burgs; Blf bluf bluff; Blfs bluffs; Blvd boul boulevard boulv; Bnd bend; Br brnch branch; Brg brdge bridge;
Brk brook; Brks brooks; Btm bot bottm bottom; Byp bypa bypas bypass byps; Byu bayoo bayou;
Cir circ circl circle crcl crcle; Cirs circles; Clb club; Clf cliff; Clfs cliffs; Cmn common; Cmns commons;
Cor corner; Cors corners; Cp camp cmp; Cpe cape; Cres crescent crsent crsnt; Crk creek; Crse course; Crst crest;
Cswy causeway causwa; Ct court; Ctr cen cent center centr centre cnter cntr; Ctrs centers; Cts courts;
Curv curve; Cv cove; Cvs coves; Cyn canyn canyon cnyn; Dl dale; Dm dam; Dr driv drive drv; Drs drives;
Dv div divide dvd; Est estate; Ests estates; Expy exp expr express expressway expw; Ext extension extn extnsn;
Exts extensions; Fall; Fld field; Flds fields; Fls falls; Flt flat; Flts flats; Frd ford; Frds fords;
Frg forg forge; Frgs forges; Frk fork; Frks forks; Frst forest forests; Fry ferry frry; Ft fort frt;
Fwy freeway freewy frway frwy; Gdn garden gardn grden grdn; Gdns gardens grdns; Gln glen; Glns glens; Grn green;
Grns greens; Grv grov grove; Grvs groves; Gtwy gateway gatewy gatway gtway; Hbr harb harbor harbr hrbor;
Hbrs harbors; Hl hill; Hls hills; Holw hllw hollow hollows holws; Hts ht heights; Hvn haven;
Hwy highway highwy hiway hiwy hway; Inlt inlet; Is island islnd; Isle isles; Iss islands islnds;
Jct jction jctn junction junctn juncton; Jcts jctns junctions; Knl knol knoll; Knls knolls; Ky key; Kys keys;
Land; Lck lock; Lcks locks; Ldg ldge lodg lodge; Lf loaf; Lgt light; Lgts lights; Lk lake; Lks lakes; Ln lane;
Lndg landing lndng; Loop loops; Mall; Mdw meadow; Mdws medows meadows; Mews; Ml mill; Mls mills; Mnr manor;
Mnrs manors; Msn missn mission mssn; Mt mnt mount; Mtn mntain mntn mountain mountin mtin; Mtns mntns mountains;
Mtwy motorway; Nck neck; Opas overpass; Orch orchard orchrd; Oval ovl; Park prk parks; Pass; Path paths;
Pike pikes; Pkwy parkway parkwy pkway pky parkways pkwys; Pl place; Pln plain; Plns plains; Plz plaza plza;
Pne pine; Pnes pines; Pr prairie prr; Prt port; Prts ports; Psge passage; Pt point; Pts points;
Radl rad radial radiel; Ramp; Rd road; Rdg rdge ridge; Rdgs ridges; Rds roads; Riv river rvr rivr;
Rnch ranch ranches rnchs; Row; Rpd rapid; Rpds rapids; Rst rest; Rte route; Rue; Run; Shl shoal; Shls shoals;
Shr shoar shore; Shrs shoars shores; Skwy skyway; Smt sumit sumitt summit; Spg spng spring sprng;
Spgs spngs springs sprngs; Spur spurs; Sq sqr sqre squ square; Sqs sqrs squares; St street strt str;
Sta station statn stn; Stra strav straven stravenue stravn strvn strvnue; Strm stream streme; Sts streets;
Ter terr terrace; Tpke trnpk turnpike turnpk; Trak track tracks trk trks; Trce trace traces; Trfy trafficway;
Trl trail trails trls; Trlr trailer trlrs; Trwy throughway; Tunl tunel tunls tunnel tunnels tunnl; Un union;
Uns unions; Upas underpass; Via vdct viadct viaduct; Vis vist vista vst vsta; Vl ville;
Vlg vill villag village villg villiage; Vlgs villages; Vly valley vally vlly; Vlys valleys; Vw view; Vws views;
Walk walks; Wall; Way wy; Ways; Wl well; Wls wells; Xing crossing crssng; Xrd crossroad; Xrds crossroads
"""

_UNITS = """
Apt apartment appartment apmt; Bldg building; Bsmt basement; Dept department; Fl floor flr; Frnt front;
Hngr hangar hanger; Key; Lbby lobby; Lot; Lowr lower; Ofc office; Ph penthouse; Pier; Rear; Rm room; Side; Slip;
Spc space; Ste suite suit; Stop; Trlr trailer; Unit; Uppr upper
"""


def _by_spelling(words: str) -> dict[str, str]:
    found = {}
    for entry in words.replace("\n", " ").split(";"):
        standard, *spellings = entry.split()
        found.update(dict.fromkeys([standard.lower(), *spellings], standard))
    return found


STREET_TYPES = _by_spelling(_STREETS)
UNITS = _by_spelling(_UNITS) | {"#": "#", "no": "#", "num": "#", "number": "#"}
BOX_TYPES = {
    "pobox": "PO Box", "postofficebox": "PO Box", "pob": "PO Box", "po": "PO Box", "box": "Box", "poboxno": "PO Box",
    "lockbox": "PO Box", "drawer": "PO Box", "podrawer": "PO Box", "pobx": "PO Box", "bx": "Box", "postbox": "PO Box",
    "mailbox": "Box", "caller": "PO Box", "firmcaller": "PO Box", "bin": "PO Box",
}  # fmt: skip
ROUTE_TYPES = {
    "rr": "RR", "ruralroute": "RR", "rfd": "RR", "rd": "RR", "rt": "RR", "route": "RR", "rte": "RR", "rural": "RR",
    "ruralrt": "RR", "ruralrte": "RR", "hc": "HC", "highwaycontract": "HC", "highwaycontractroute": "HC", "hcr": "HC",
    "starroute": "HC", "psc": "PSC", "cmr": "CMR", "unit": "Unit",
}  # fmt: skip
