"""Word tables of the matching engine: what counts as noise, what is short for what, which given names belong together.

Facts of language, written for this program. To teach a word, add it to its table.
"""

# ruff: noqa: E501, SIM905 - word tables read best as lines of words
from __future__ import annotations

__all__ = [
    "FREE_MAIL",
    "GENERATIONS",
    "HONORIFICS",
    "LEGAL_FORMS",
    "NAME_SUFFIXES",
    "NICKNAMES",
    "ORGANIZATION_SHORT",
    "PLACEHOLDERS",
    "STREET_DIRECTIONS",
    "STREET_SHORT",
    "STREET_TYPES",
]

PLACEHOLDERS = frozenset(
    {"", "-", "--", ".", "?", "n/a", "na", "n.a.", "none", "null", "nil", "nan", "unknown", "unk", "test", "tbd", "tba", "x", "xx"}
    | {"xxx", "no", "not available", "not provided", "not applicable", "keine", "unbekannt", "k.a.", "inconnu", "desconocido", "sconosciuto"}
)  # fmt: skip
FREE_MAIL = frozenset(
    "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr ymail.com hotmail.com hotmail.co.uk hotmail.fr outlook.com "
    "live.com msn.com aol.com icloud.com me.com mac.com comcast.net verizon.net att.net sbcglobal.net cox.net bellsouth.net "
    "mail.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de arcor.de orange.fr wanadoo.fr free.fr laposte.net "
    "sfr.fr libero.it virgilio.it tiscali.it alice.it terra.es telefonica.net uol.com.br bol.com.br sapo.pt ziggo.nl kpnmail.nl "
    "planet.nl btinternet.com sky.com ntlworld.com virginmedia.com mail.ru yandex.ru qq.com 163.com 126.com proton.me "
    "protonmail.com zoho.com example.com example.org example.net".split()
)
HONORIFICS = frozenset(
    "mr mrs ms miss mx dr prof sir rev herr frau mme mlle monsieur madame sr sra srta sig dott dhr mevr".split()
)
GENERATIONS = ("jr", "sr", "ii", "iii", "iv")  # tell father and son apart
NAME_SUFFIXES = frozenset("v phd md esq".split())  # say nothing about who it is
LEGAL_FORMS = frozenset(
    "inc incorporated llc llp lp ltd limited corp corporation co company plc pllc pc gmbh mbh ag kg kgaa ohg ug ev se sa sas sarl "
    "sasu eurl sl slu srl srls spa snc sas lda ltda eireli me bv nv vof cv oy oyj ab as asa aps a/s kft zrt doo dd sro spol sp zoo "
    "pty pvt pte bhd group grp holding holdings the and of und et y e i ooo oao zao pao jsc cjsc ojsc kk gk".split()
)  # fmt: skip
ORGANIZATION_SHORT = {
    short: full
    for full, shorts in {
        "academy": "acad",
        "association": "assn assoc",
        "brothers": "bros",
        "building": "bldg",
        "center": "ctr centre cntr",
        "chemical": "chem chemicals",
        "community": "comm cmty",
        "construction": "constr const",
        "department": "dept",
        "development": "dev devel",
        "education": "edu educ",
        "elementary": "elem",
        "engineering": "eng engg engrg",
        "government": "govt",
        "hospital": "hosp",
        "industries": "ind industry inds",
        "institute": "inst",
        "insurance": "ins",
        "international": "intl internat",
        "laboratory": "lab labs laboratories",
        "logistics": "log",
        "management": "mgmt mgt",
        "manufacturing": "mfg",
        "mount": "mt",
        "national": "natl nat",
        "packaging": "pkg",
        "pharmaceuticals": "pharm pharma",
        "restaurant": "rest",
        "saint": "st",
        "school": "sch",
        "services": "svc svcs service serv",
        "systems": "sys system",
        "technology": "tech technologies",
        "university": "univ uni",
    }.items()
    for short in shorts.split()
}
STREET_SHORT = {
    long: short
    for short, longs in {
        "st": "street str strasse straße saint",
        "ave": "avenue av aven avda avenida",
        "rd": "road",
        "dr": "drive drv",
        "ln": "lane",
        "ct": "court crt",
        "blvd": "boulevard blv boul bld",
        "pl": "place platz plaza piazza praca",
        "cir": "circle circ",
        "pkwy": "parkway pky",
        "sq": "square",
        "ter": "terrace terr",
        "hwy": "highway",
        "cres": "crescent",
        "cl": "close",
        "way": "wy weg",
        "trl": "trail",
        "cct": "circuit",
        "r": "rue rua",
        "n": "north",
        "s": "south",
        "e": "east",
        "w": "west",
        "ne": "northeast",
        "nw": "northwest",
        "se": "southeast",
        "sw": "southwest",
    }.items()
    for long in longs.split()
}
STREET_TYPES = frozenset("st ave rd dr ln ct blvd pl cir pkwy sq ter hwy cres cl way trl cct r".split())
STREET_DIRECTIONS = frozenset("n s e w ne nw se sw".split())
# Names of one line are forms of each other; a name may stand in several lines.
NICKNAMES = tuple(
    frozenset(line.split())
    for line in """
abigail abby gail
albert al bert bertie
alexander alex al sandy xander alec sasha
alexandra alex sandra lexi alix sasha
alfred al alf fred
amanda mandy
andrew andy drew andre andreas
angela angie
anthony tony ant antonio anton toni
antonia toni
arthur art artie
barbara barb barbie babs
benjamin ben benny benji
bernard bernie bernd
brigitte gitte
calvin cal
carl karl
caroline carol carrie lina
catherine katherine kathryn cathy kathy kate katie kat kitty catharine katharina kathi
charles charlie chuck chas chaz karl carlos
charlotte lottie charly
christian chris
christine christina chris tina chrissy kristin christa
christopher chris topher kit christoph
cynthia cindy
daniel dan danny
david dave davey
deborah debbie deb debra
donald don donnie
dorothy dot dottie dorothea dora
douglas doug
edward ed eddie ted teddy ned eduard
edwin ed
eleanor ellie nell nora elinor
elizabeth liz beth betty lizzie eliza betsy libby elisabeth lisa liesel bess elsie
ernest ernie
eugene gene
evelyn eve evie
florence flo
francis frank frankie franz francisco paco pancho
frances fran francie fanny
franklin frank
frederick fred freddy freddie friedrich fritz
gabriel gabe
gabriele gabi gaby
gerald gerry jerry gerhard gerd
gertrude gert trudy
giuseppe beppe pino
gregory greg gregg
guadalupe lupe
harold harry hal
heinrich heinz heiner
helen nell nellie helena lena
henry harry hank hal henri
herbert herb bert
ignacio nacho
isabella bella izzy isabel isabelle
jacob jake jakob
jacqueline jackie
james jim jimmy jamie jem
janet jan
jeffrey jeff geoffrey geoff
jennifer jen jenny
jeremy jerry
jessica jess jessie
johannes hans hannes johann jan
john jack johnny jon johnnie johan
jonathan jon jonny jonathon nathan
jose pepe
joseph joe joey josef sepp jos
josephine jo josie
joshua josh
juergen jurgen jürgen
judith judy
kenneth ken kenny
kimberly kim
klaus claus nikolaus
lawrence larry laurence lars
leonard len lenny leo
leonardo leo
louis lou louie lewis ludwig
louise lou
lucille lucy
luis lucho
madeline maddie maddy
manuel manny manolo
margaret maggie meg peggy marge margie greta rita margarete marguerite gretchen daisy
maria mary marie mia
martha marty patsy
martin marty
matthew matt matthias mathew
maureen mo
maximilian max
megan meg
melissa mel missy
michael mike mick mickey mikey michel miguel michal
michelle shelly
mildred millie
nancy nan
natalie nat
nathaniel nate nathan nat
nicholas nick nicky nicolas nico nikolaus klaus
nicole nicky nikki
olivia liv
oliver ollie
oscar oskar
pamela pam
patricia pat patty tricia trish patsy
patrick pat paddy
paul pablo paolo
peter pete pedro pierre pieter piet
philip phil phillip
priscilla cilla
rachel rae
ralph rafe
randall randy randolph
raymond ray
rebecca becky becca
reginald reg reggie
richard rich rick ricky dick richie rico
robert rob bob bobby robbie bert roberto
roberta bobbie
rodney rod
roger rog
ronald ron ronnie
rosemary rose rosie
rudolf rudi rolf
russell russ rusty
samantha sam
samuel sam sammy
sandra sandy
sarah sally sadie
sebastian basti seb
sidney sid
sophia sophie
stanley stan
stephanie steph steffi
steven steve stephen stevie stefan esteban
susan sue susie suzy suzanne susanne susanna
sylvia sylvie
terence terry
theodore ted theo teddy theodor
theresa terry tess teresa therese
thomas tom tommy
timothy tim timmy
ursula uschi ulla
valerie val
veronica ronnie vera
victor vic
victoria vicky tori vickie
vincent vince vinny
virginia ginny
walter walt wally
wayne dwayne
wilhelm willi willy
william will bill billy willie liam wilhelm guillermo guillaume
wolfgang wolf
yvonne eve
zachary zach zack
""".strip().splitlines()
)
