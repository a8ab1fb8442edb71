"""Names of persons of many peoples: which words are the family name, and that the standard form says the same again."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import Context, Standard, standardize
from crm_cli.standardize.cjk_words import OLD_FORMS

PERSON = SemanticType.PERSON_NAME


def named(text: str, country: str | None = None) -> Standard:
    return standardize(PERSON, text, Context(country))


def parts(text: str, country: str | None = None) -> str:
    """Return given, middle and family name as a reader would mark them: `given/middle/family`."""
    found = named(text, country).parts
    return "/".join(found.get(name, "") for name in ("given", "middle", "family"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Gabriel García Márquez", "Gabriel//García Márquez"),
        ("María José Carreño Quiñones", "María José//Carreño Quiñones"),
        ("Gabriel José de la Concordia García Márquez", "Gabriel José de la Concordia//García Márquez"),
        ("Juan de la Cruz y Pérez", "Juan//de la Cruz y Pérez"),
        ("José Ortega y Gasset", "José//Ortega y Gasset"),
        ("María del Carmen López García", "María del Carmen//López García"),
        ("José Luis Rodríguez Zapatero", "José Luis//Rodríguez Zapatero"),
        ("Luiz Inácio Lula da Silva", "Luiz Inácio//Lula da Silva"),
        ("João Pedro Ferreira dos Santos", "João Pedro//Ferreira dos Santos"),
        ("MARIA GARCIA LOPEZ", "Maria//Garcia Lopez"),
    ],
)
def test_two_family_names_in_spanish_and_portuguese(name: str, expected: str) -> None:
    assert parts(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sophie Marie Anderson", "Sophie/Marie/Anderson"),
        ("David Martin Cruz", "David/Martin/Cruz"),
        ("Maria Anna Schmidt", "Maria/Anna/Schmidt"),
        ("John Garcia Lopez", "John/Garcia/Lopez"),
        ("Martha Elena Smith", "Martha/Elena/Smith"),
        ("Lin Manuel Miranda", "Lin/Manuel/Miranda"),
        ("Lee Van Cleef", "Lee//Van Cleef"),
        ("Kim Van Dam", "Kim//Van Dam"),
        ("Lee Ann Young", "Lee/Ann/Young"),
        ("Wei Moran", "Wei//Moran"),
        ("John Paul Petrovich", "John/Paul/Petrovich"),
        ("Mai Van der Berg", "Mai//Van der Berg"),
    ],
)
def test_western_names_keep_their_middle_name_and_their_order(name: str, expected: str) -> None:
    assert parts(name) == expected
    assert named(name).value == name


def test_in_the_philippines_the_mothers_name_stands_in_the_middle() -> None:
    assert parts("Maria Santos Cruz", "PH") == "Maria/Santos/Cruz"
    assert parts("Maria Garcia Lopez", "PH") == "Maria/Garcia/Lopez"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nguyen Thi Minh Khai", "Khai/Thi Minh/Nguyen"),
        ("NGUYEN VAN A", "A/Van/Nguyen"),
        ("Le Van Tam", "Tam/Van/Le"),
        ("Ho Chi Minh", "Minh/Chi/Ho"),
        ("Mai Văn Cường", "Cường/Văn/Mai"),
        ("Nguyen An", "An//Nguyen"),
        ("An Nguyen", "An//Nguyen"),
        ("Mai Thi Tran", "Mai/Thi/Tran"),
        ("Nguyen, Van An", "Van/An/Nguyen"),
        ("Wang Xiaoming", "Xiaoming//Wang"),
        ("Xiaoming Wang", "Xiaoming//Wang"),
        ("Zhang Wei", "Wei//Zhang"),
        ("LEE KUAN YEW", "Kuan Yew//Lee"),
        ("Tan Ah Kow", "Ah Kow//Tan"),
        ("Kim Il-sung", "Il-sung//Kim"),
        ("Park Geun-hye", "Geun-hye//Park"),
        ("Mei Ling Chan", "Mei/Ling/Chan"),
        ("Siu Ming Chan", "Siu/Ming/Chan"),
        ("Chan Tai Man, Peter", "Peter/Tai Man/Chan"),
        ("Peter CHAN Tai Man", "Peter/Tai Man/Chan"),
        ("CHAN Tai Man Peter", "Peter/Tai Man/Chan"),
        ("Carrie Lam Cheng Yuet-ngor", "Carrie/Yuet-ngor/Lam Cheng"),
        ("Yamada Taro", "Taro//Yamada"),
        ("Taro Yamada", "Taro//Yamada"),
    ],
)
def test_east_asian_names_in_latin_letters(name: str, expected: str) -> None:
    assert parts(name) == expected


def test_van_is_no_particle_in_vietnamese() -> None:
    assert named("TRAN VAN DO").value == "Tran Van Do"


@pytest.mark.parametrize(
    ("name", "standard", "expected"),
    [
        ("Jean DUPONT", "Jean Dupont", "Jean//Dupont"),
        ("DUPONT Jean", "Jean Dupont", "Jean//Dupont"),
        ("Jean P. DUPONT", "Jean P. Dupont", "Jean/P./Dupont"),
        ("Ian McDONALD", "Ian McDonald", "Ian//McDonald"),
        ("Jan VAN DER BERG", "Jan van der Berg", "Jan//van der Berg"),
        ("DE LA FONTAINE Jean", "Jean de la Fontaine", "Jean//de la Fontaine"),
        ("LEE Kuan Yew", "Lee Kuan Yew", "Kuan Yew//Lee"),
        ("Anh LE", "Anh Le", "Anh//Le"),
        ("DUPONT MARTIN Jean", "Dupont Martin, Jean", "Jean//Dupont Martin"),
        ("Γεώργιος ΠΑΠΑΔΌΠΟΥΛΟΣ", "Γεώργιος Παπαδόπουλος", "Γεώργιος//Παπαδόπουλος"),
        ("John Smith XYZ", "John Smith XYZ", "John/Smith/XYZ"),  # letters that may be a degree
    ],
)
def test_the_family_name_in_capitals(name: str, standard: str, expected: str) -> None:
    assert named(name).value == standard
    assert parts(name) == expected


@pytest.mark.parametrize(
    ("name", "standard", "title", "suffix"),
    [
        ("Prof. Dr. med. Hans Müller", "Prof. Dr. med. Hans Müller", "Prof. Dr. med.", None),
        ("Prof Dr h.c. mult. Max Planck", "Prof. Dr. h.c. mult. Max Planck", "Prof. Dr. h.c. mult.", None),
        ("Dr. rer. nat. Angela Merkel", "Dr. rer. nat. Angela Merkel", "Dr. rer. nat.", None),
        ("Mag. (FH) Anna Huber", "Mag. (FH) Anna Huber", "Mag. (FH)", None),
        ("dipl.-ing. Karl Benz", "Dipl.-Ing. Karl Benz", "Dipl.-Ing.", None),
        ("Dott.ssa Maria Rossi", "Dott.ssa Maria Rossi", "Dott.ssa", None),
        ("Dña. Carmen Ruiz", "Dña. Carmen Ruiz", "Dña.", None),
        ("Lt. Col. John Smith", "Lt. Col. John Smith", "Lt. Col.", None),
        ("Tan Sri Robert Kuok", "Tan Sri Robert Kuok", "Tan Sri", None),
        ("King, Martin Luther, Jr., Dr.", "Dr. Martin Luther King Jr.", "Dr.", "Jr."),
        ("Rossi, Mario, Avv.", "Avv. Mario Rossi", "Avv.", None),
        ("Capt. James T. Kirk USN (Ret.)", "Capt. James T. Kirk USN (Ret.)", "Capt.", "USN (Ret.)"),
        ("John Smith, M.D., Ph.D.", "John Smith MD PhD", None, "MD PhD"),
        ("Ann Smith, MA", "Ann Smith, MA", None, "MA"),
        ("Dr Nat King", "Dr. Nat King", "Dr.", None),  # Nat is no "rer. nat."
        ("Don Johnson", "Don Johnson", None, None),
        ("Major Smith", "Major Smith", None, None),
        ("Ma, Yo-Yo", "Yo-Yo Ma", None, None),
    ],
)
def test_titles_and_suffixes(name: str, standard: str, title: str | None, suffix: str | None) -> None:
    outcome = named(name)
    assert outcome.value == standard
    assert (outcome.parts.get("title"), outcome.parts.get("suffix")) == (title, suffix)


@pytest.mark.parametrize(
    ("name", "standard", "part", "text"),
    [
        ("Ms Jane Doe (née Smith)", "Ms. Jane Doe (née Smith)", "birth_name", "Smith"),
        ("JANE DOE (NEE SMITH)", "Jane Doe (née Smith)", "birth_name", "Smith"),
        ("Anna Müller geb. Schmidt", "Anna Müller (geb. Schmidt)", "birth_name", "Schmidt"),
        ("Müller (geb. Schmidt), Anna", "Anna Müller (geb. Schmidt)", "birth_name", "Schmidt"),
        ("Jane Doe née Smith, PhD", "Jane Doe (née Smith) PhD", "birth_name", "Smith"),
        ('Smith, Robert "Bob"', 'Robert "Bob" Smith', "nickname", "Bob"),
        ("ROBERT (BOB) SMITH", "Robert (Bob) Smith", "nickname", "Bob"),
        ("Robert (Jun) Smith", "Robert (Jun) Smith", "nickname", "Jun"),
        ("John Smith aka Johnny Silver", "John Smith aka Johnny Silver", "nickname", "Johnny Silver"),
        ("John Smith (head of sales)", "John Smith (head of sales)", "note", "head of sales"),
        ("Wang Xiaoming (王小明)", "王小明 (Wang Xiaoming)", "latin", "Wang Xiaoming"),
        ("王小明 WANG Xiaoming", "王小明 (Wang Xiaoming)", "latin", "Wang Xiaoming"),
        ("王小明（Wang Xiaoming）", "王小明 (Wang Xiaoming)", "latin", "Wang Xiaoming"),
        ("Peter 陳大文", "陳大文 (Peter)", "latin", "Peter"),
    ],
)
def test_what_stands_beside_a_name(name: str, standard: str, part: str, text: str) -> None:
    outcome = named(name)
    assert outcome.value == standard
    assert outcome.parts[part] == text


@pytest.mark.parametrize(
    ("name", "standard", "family"),
    [
        (
            "Frau Dr. Anna von und zu Liechtenstein",
            "Frau Dr. Anna von und zu Liechtenstein",
            "von und zu Liechtenstein",
        ),
        ("Jan v.d. Berg", "Jan v.d. Berg", "v.d. Berg"),
        ("Jan v. d. Berg", "Jan v. d. Berg", "v. d. Berg"),
        ("Ravi s/o Krishnan", "Ravi s/o Krishnan", "s/o Krishnan"),
        ("MUTHU A/L SAMY", "Muthu a/l Samy", "a/l Samy"),
        ("Abdul Rahman bin Abdullah", "Abdul Rahman bin Abdullah", "bin Abdullah"),
        ("محمد بن سلمان", "محمد بن سلمان", "بن سلمان"),
        ("St. John, Henry", "Henry St. John", "St. John"),
        ("Ó Briain, Dara", "Dara Ó Briain", "Ó Briain"),
        ("Smith Jones, Mary", "Smith Jones, Mary", "Smith Jones"),
        ("von Trapp", "von Trapp", "von Trapp"),
        ("DEVITO, DANNY", "Danny DeVito", "DeVito"),
        ("PATRICIA E. SMITH", "Patricia E. Smith", "Smith"),
        ("MARY Y SMITH", "Mary Y Smith", "Smith"),
        ("JOSE ORTEGA Y GASSET", "Jose Ortega y Gasset", "Ortega y Gasset"),
        ("olsen, claire e", "Claire E Olsen", "Olsen"),
        ("Susan O. Jones", "Susan O. Jones", "Jones"),
        ("MACKENZIE FOY", "Mackenzie Foy", "Foy"),
        ("MACKENZIE, IAN", "Ian MacKenzie", "MacKenzie"),
    ],
)
def test_particles_and_case(name: str, standard: str, family: str) -> None:
    outcome = named(name)
    assert (outcome.value, outcome.parts["family"]) == (standard, family)


@pytest.mark.parametrize(
    ("name", "country", "expected"),
    [
        ("Петров Иван Иванович", None, "Иван/Иванович/Петров"),
        ("Роман Аркадьевич Абрамович", None, "Роман/Аркадьевич/Абрамович"),
        ("Иванов Иван", None, "Иван//Иванов"),
        ("Алиев Ильхам Гейдар оглы", None, "Ильхам/Гейдар оглы/Алиев"),
        ("Petrov Ivan Ivanovich", None, "Ivan/Ivanovich/Petrov"),
        ("Nagy János Péter", "HU", "János/Péter/Nagy"),
        ("János Kovács", "HU", "János//Kovács"),
        ("Kovács János", None, "Kovács//János"),  # without the country nothing tells
        ("Kovács, János", "HU", "János//Kovács"),
        ("Smith J. R.", None, "J./R./Smith"),
    ],
)
def test_names_in_the_order_of_files(name: str, country: str | None, expected: str) -> None:
    assert parts(name, country) == expected


@pytest.mark.parametrize(
    ("name", "standard", "expected"),
    [
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ", "タロウ//ヤマダ"),
        ("やまだ たろう", "やまだ たろう", "たろう//やまだ"),
        ("西園寺 公望", "西園寺公望", "公望//西園寺"),
        ("渡邊太郎", "渡邊太郎", "太郎//渡邊"),
        ("髙橋一郎", "髙橋一郎", "一郎//髙橋"),
        ("田中 太郎 様", "田中太郎様", "太郎//田中"),
        ("田中様", "田中様", "//田中"),
        ("王先生", "王先生", "//王"),
        ("김철수 님", "김철수님", "철수//김"),
        ("남궁민", "남궁민", "민//남궁"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提", "阿卜杜拉//买买提"),
        ("尉迟恭", "尉迟恭", "恭//尉迟"),
        ("令狐冲", "令狐冲", "冲//令狐"),
    ],
)
def test_names_in_east_asian_scripts(name: str, standard: str, expected: str) -> None:
    assert named(name).value == standard
    assert parts(name) == expected


def test_words_of_respect_are_a_title() -> None:
    assert named("李女士").parts == {"title": "女士", "family": "李"}


def test_a_japanese_family_name_alone_is_not_cut_in_two() -> None:
    outcome = named("田中")
    assert outcome.parts == {"family": "田中"}
    assert [issue.code for issue in outcome.issues] == ["N303"]


def test_older_forms_of_characters_are_brought_to_those_of_today() -> None:
    assert "齋藤渡邉濵﨑".translate(OLD_FORMS) == "斎藤渡辺浜崎"


@pytest.mark.parametrize("name", ["Ana y Luis Pérez", "Jean et Marie Dupont", "Frau Anna und Herr Otto Meier"])
def test_couples(name: str) -> None:
    assert [issue.code for issue in named(name).issues] == ["N304"]


_SAMPLES = (
    "Mary John Smith JONES Maria José Garcia Lopez Pérez y de la DE del von und zu Van VAN der v.d. d' O' Mc bin al "
    "Nguyen Thi Văn Tran Le Wang Xiaoming Chan Tai Man LEE Kuan Yew Kim Jong-un Yamada Taro 王小明 田中 様 先生 김철수 "
    "Петров Иван Иванович оглы Dr. Prof med. rer. nat. h.c. Jr III MD MA (Ret.) RN (Bob) (née (geb. Smith) née aka "
    "J. R. JRR Kovács János Mackenzie DeVito , , & / · ß İ Abdul ヤマダ"
)
WORDS = _SAMPLES.split()
CONTEXTS = [
    *(Context(country) for country in (None, "US", "ES", "VN", "CN", "HU", "NL", "JP", "KR", "PH")),
    *(Context(ignore=frozenset({code})) for code in ("N101", "N102", "N103", "N104", "N105", "N106", "N107")),
    Context(unsafe=True),
]


def assert_read_again_the_same(text: str, context: Context) -> None:
    once = standardize(PERSON, text, context)
    twice = standardize(PERSON, once.value, context)
    assert (twice.value, dict(twice.parts)) == (once.value, dict(once.parts))


@pytest.mark.slow
@settings(max_examples=3000, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=7),
    st.sampled_from([str, str.upper, str.lower]),
    st.sampled_from(CONTEXTS),
)
@example(["Smith", "Jones", ",", "Mary"], str, Context())
def test_the_standard_form_has_the_same_parts(words: list[str], case: object, context: Context) -> None:
    assert callable(case)
    assert_read_again_the_same(case(" ".join(words)), context)


@settings(max_examples=1000, deadline=None)
@given(
    st.lists(st.sampled_from([word for word in WORDS if word[0].isalpha() and len(word) > 2]), min_size=1, max_size=5),
    st.sampled_from(CONTEXTS),
)
def test_no_letter_is_lost(words: list[str], context: Context) -> None:
    """Whatever is reordered and recased: the letters stay (titles and suffixes may be spelled out or shortened)."""
    text = " ".join(words)
    value = standardize(PERSON, text, Context(context.country, ignore=frozenset({"N103", "N107"}))).value or ""
    assert sorted(filter(str.isalnum, value.casefold())) == sorted(filter(str.isalnum, text.casefold()))
