"""Words of person names: particles, family names with a capital inside, short forms, given names."""

from __future__ import annotations

from crm_cli.standardize.wordlists import words

__all__ = [
    "GIVEN_MAC", "HUNGARIAN_GIVEN", "INNER_CAPITALS", "LOWER_PARTICLES", "MAC_NAMES", "NICKNAMES", "PARTICLES",
    "SHORT_PARTICLES", "SPANISH_GIVEN",
]  # fmt: skip

PARTICLES = words(
    """
    de da do di du del della delle degli dei dal dalla das dos des la las le les lo los van von vom zu zum zur
    der den ter ten te het 't op in y e af av bin bint binti ibn ben bat al el ul ur abu st san santa mac mc o
    d' dello dell' della' della af' auf
    """
)
LOWER_PARTICLES = words(
    "de da do das dos del du von vom zu zum zur der den ter ten het 't op y e af av bin bint binti ibn la las los"
)
# Particles in short, as they are written in small letters only: "v.d. Berg"; "son of" in Malaysia and Singapore.
SHORT_PARTICLES = words(
    """
    v. d. v.d. v.d vd vd. v/d v/h v.der v.den s/o d/o w/o a/l a/p bte bte. bt. vda vda. und بن ابن بنت أبو آل
    Ó Ní Nic Uí Mhic
    """
)
MAC_NAMES = words(
    """
    macdonald macarthur macleod mackenzie mackay mackinnon mackintosh maclean maclaren macmillan macpherson
    macgregor macdougall macduff macbeth macaulay macallister macalister macfarlane macneil macneill macrae
    macintyre macintosh macdonnell macbride maccallum maccormack maccormick macdiarmid macdowell macewan macewen
    macfadden macfadyen macgillivray macgowan macgrath macgraw macguire macinnes macisaac maciver macivor
    maclachlan maclaughlin maclellan maclennan macmahon macmaster macmullen macnab macnamara macnaughton
    macnicol macphail macphee macqueen macquarie mactaggart mactavish macvicar macwilliam macwilliams
    """
)
NICKNAMES = {
    "bill": "William", "billy": "William", "will": "William", "bob": "Robert", "bobby": "Robert", "rob": "Robert",
    "jim": "James", "jimmy": "James", "mike": "Michael", "mick": "Michael", "dick": "Richard", "rick": "Richard",
    "rich": "Richard", "tom": "Thomas", "tommy": "Thomas", "dave": "David", "joe": "Joseph", "chuck": "Charles",
    "charlie": "Charles", "ted": "Edward", "ed": "Edward", "eddie": "Edward", "ned": "Edward", "dan": "Daniel",
    "danny": "Daniel", "matt": "Matthew", "tony": "Anthony", "steve": "Stephen", "ken": "Kenneth", "ron": "Ronald",
    "tim": "Timothy", "greg": "Gregory", "jeff": "Jeffrey", "andy": "Andrew", "drew": "Andrew", "larry": "Lawrence",
    "liz": "Elizabeth", "beth": "Elizabeth", "betty": "Elizabeth", "lizzie": "Elizabeth", "kate": "Katherine",
    "kathy": "Katherine", "katie": "Katherine", "peggy": "Margaret", "meg": "Margaret", "maggie": "Margaret",
    "sue": "Susan", "susie": "Susan", "barb": "Barbara", "deb": "Deborah", "debbie": "Deborah", "pam": "Pamela",
    "patty": "Patricia", "patti": "Patricia", "jen": "Jennifer", "jenny": "Jennifer", "becky": "Rebecca",
    "vicky": "Victoria",
    "cindy": "Cynthia", "sandy": "Sandra", "mandy": "Amanda", "abby": "Abigail", "nick": "Nicholas", "ben": "Benjamin",
    "sam": "Samuel", "alex": "Alexander", "zach": "Zachary", "josh": "Joshua", "jon": "Jonathan", "pete": "Peter",
    "phil": "Philip", "fred": "Frederick", "gus": "Augustus", "walt": "Walter", "ray": "Raymond", "vince": "Vincent",
}  # fmt: skip

# Given names that often stand second, so that "María José Pérez" has one family name.
SPANISH_GIVEN = words(
    """
    josé jose maría maria jesús jesus luis carlos antonio juan manuel miguel ángel angel francisco javier fernando pedro
    pablo rafael alberto alejandro andrés andres eduardo enrique ernesto felipe gabriel guillermo ignacio jaime jorge
    ramón ramon ricardo roberto sergio víctor victor ana carmen isabel teresa elena dolores pilar luz cristina patricia
    victoria fernanda guadalupe rosa elisa eugenia luisa beatriz mercedes soledad
    """
)
HUNGARIAN_GIVEN = words(
    """
    adam agnes akos anna andras andrea aniko antal arpad attila balazs balint beata bela bence bernadett boglarka
    csaba csilla daniel david denes dora edit eva erika erzsebet eszter ferenc gabor gabriella gergely gergo gyorgy
    gyula hajnalka ildiko ilona imre istvan ivan janos jozsef judit julia kalman katalin klara kristof krisztian
    krisztina lajos laszlo levente magdolna marton maria marta mate matyas mihaly miklos monika nikolett nora norbert
    orsolya pal peter piroska reka rita robert roland rozalia sandor sara szabolcs szilvia tamas terez tibor timea
    tunde vera veronika viktor viktoria vilmos zoltan zsofia zsolt zsuzsanna
    """
)
# Names with a capital inside that nearly all bearers write so, as one word.
INNER_CAPITALS = {
    name.lower(): name
    for name in (
        "DeVito", "DeMarco", "DeAngelis", "DeGeneres", "DeSantis", "DeWitt", "DeVos", "DeBlasio", "DiCaprio",
        "DiMaggio", "DiNapoli", "DiPaolo", "DiPietro", "DiGiovanni", "LaRue", "LaBelle", "LaSalle", "LaBeouf",
        "LaFleur", "LaGuardia", "LoBianco", "LoPresti",
    )
}  # fmt: skip
# Names that begin as the family names with Mac do, but are written without a capital inside as given names.
GIVEN_MAC = words("mackenzie macaulay mackinley mackinnon macarthur")
