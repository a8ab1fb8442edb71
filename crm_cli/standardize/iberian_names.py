"""Spanish and Portuguese names: given names first, then two family names (the father's and the mother's).

The lists are of frequent names, gathered by hand, without accents; they serve as evidence where no country is known.
"""

from __future__ import annotations

from crm_cli.standardize.name_words import PARTICLES, SPANISH_GIVEN
from crm_cli.standardize.roman_words import fold
from crm_cli.standardize.wordlists import words

__all__ = ["IBERIAN_COUNTRIES", "iberian_family", "is_iberian_given"]

IBERIAN_COUNTRIES = words("ES MX AR CO CL PE VE EC GT CU BO DO HN PY SV NI CR PA UY PR GQ")
_JOINING = frozenset({"y", "e", "i"})
_GIVEN = frozenset(fold(name) for name in SPANISH_GIVEN) | words(
    """
    abel abigail adela adolfo adrian adriana agustin agustina aida alba alejandra alfonso alfredo alicia alma alonso
    alvaro amalia amanda amparo ana anabel andrea angela angelica angeles araceli armando arturo asuncion aurora
    barbara belen benito benjamin bernardo berta blanca brenda bruno camila camilo carla carlota carolina catalina
    cecilia cesar clara claudia claudio concepcion consuelo cristian cristina cristobal daniel daniela david diana
    diego domingo edgar edith edgardo efrain elias eloy elvira emilia emiliano emilio emma enrique esteban estela
    ester esther eva evelyn fabian fabiola fatima federico felix fidel flor florencia francisca gabriela gaspar
    genaro gerardo german gilberto gisela gloria gonzalo graciela gregorio gustavo hector hernan hilda horacio hugo
    humberto ignacia ines inmaculada irene irma isaac isabel isidro ismael ivan javiera jazmin jeronimo joaquin joel
    jonathan jordi josefa josefina juana julia julian juliana julieta julio karina laura leandro leonardo leonor
    leticia lidia liliana lilia lola lorena lorenzo lourdes lucas lucia luciano lucrecia lupe magdalena manuela marcela
    marcelo marco marcos margarita mariana mariano maribel marina mario marisol marta martha martina mateo matias
    mauricio maximo mayra melchor micaela minerva miriam moises monica montserrat natalia nelida nestor nicolas nieves
    noelia noemi norma nuria octavio olga omar oscar osvaldo paloma paola paula paulina paz petra piedad priscila
    purificacion ramiro ramona raquel raul rebeca regina reinaldo remedios rene reyna rocio rodolfo rodrigo rogelio
    rolando roman romina rosalia rosario rosaura ruben ruth salvador samuel sandra santiago sara saul sebastian
    silvia simon sofia sonia susana tamara tania tatiana tomas trinidad ulises valentin valentina valeria vanesa
    veronica vicente violeta virginia viviana ximena xavier yesenia yolanda zoraida
    joao luiz jose paulo andre thiago tiago rui nuno vasco duarte goncalo ines joana mafalda beatriz catarina
    fernando henrique guilherme vitor vinicius rafaela larissa leticia marcia aparecida antonia raimundo sebastiao
    inacio edson wagner wellington washington dilma luisa luis tereza teresinha helena heloisa juliana fabio flavio
    renata renato rodrigo rogerio sergio silvio simone caio davi enzo heitor igor jair jorge afonso aires alvaro
    """
)
_FAMILY = words(
    """
    garcia rodriguez gonzalez fernandez lopez martinez sanchez perez gomez martin jimenez hernandez ruiz diaz moreno
    munoz alvarez romero gutierrez alonso navarro torres dominguez ramos vazquez vasquez ramirez gil serrano morales
    molina blanco suarez castro ortega delgado ortiz marin rubio nunez medina sanz castillo iglesias cortes cortez
    garrido santos guerrero lozano cano cruz mendez flores prieto herrera pena leon marquez cabrera gallego calvo
    vidal campos reyes vega fuentes carrasco diez aguilar caballero nieto santana vargas pascual gimenez herrero
    hidalgo montero lorenzo santiago benitez duran ibanez arias mora ferrer carmona vicente rojas soto crespo roman
    pastor velasco parra saez moya bravo soler rivera gallardo esteban pardo silva franco rivas lara merino espinosa
    espinoza mendoza camacho vera rios arroyo casado sierra redondo luque montes rey carrillo segura galan bernal
    heredia robles palacios exposito varela mejia guzman valencia salazar contreras estrada ayala figueroa acosta
    pacheco maldonado cardenas avila valdez valdes juarez cervantes sandoval salinas orozco rosales zamora escobar
    trujillo quintero velazquez velasquez villarreal galvan zuniga solis barrera ochoa trevino valenzuela cisneros
    meza lugo padilla miranda bautista duarte macias rosas tapia colon villanueva aguirre bustamante zapata osorio
    ospina restrepo uribe arango jaramillo londono cordoba caceres paredes quispe mamani huaman chavez vilca rondon
    carreno quinones quinonez benavides barrios becerra bermudez borges cabral cabello calderon carvajal castaneda
    cespedes correa coronado davila elizondo escalante esquivel farias feliciano galindo gallegos gamez gamboa garza
    godinez gonzales granados guerra guevara ibarra lemus leal ledesma limon llamas lucero lujan madrigal marrero
    mata matos menendez mercado molino monroy montano montenegro montoya murillo naranjo negron nevarez noriega ocampo
    olivares olivera ontiveros orellana ornelas oropeza pantoja patino paz pelayo pineda pinto plata ponce portillo
    posada puente quesada quiroga quiros rangel renteria resendez reyna rincon roa robledo rocha rodriquez roldan rosado
    rosario rueda ruano saenz salas salcedo saldana samaniego sarmiento saucedo sepulveda serna sosa sotelo tello teran
    toledo toro tovar urbina urena valadez valle vallejo vela velez venegas verdugo villa villalobos villegas yanez
    zambrano zavala zarate kahlo borbon lorca gasset cajal unamuno bolivar allende neruda basualto
    pereira ferreira oliveira costa rodrigues martins jesus sousa souza fernandes goncalves gomes lopes marques alves
    almeida ribeiro pinto carvalho teixeira moreira correia mendes nunes soares vieira monteiro cardoso rocha neves
    coelho cunha pires ramos reis simoes antunes matos fonseca machado araujo barbosa tavares lourenco castro
    figueiredo azevedo freitas magalhaes henriques lobo guerreiro faria melo mello nascimento lima barros andrade dias
    cavalcanti cavalcante batista campos cardozo peixoto braga amaral bastos brito nogueira pimentel queiroz salgado
    sampaio siqueira viana xavier borges moraes morais assis lula medeiros guimaraes pessoa saramago queiros albuquerque
    """
)
# Family names that are given names too, also of other peoples: alone they are no evidence.
_GIVEN_TOO = words(
    "martin gil leon vidal lara luna rey reyna santiago lorenzo pascual vicente xavier blanco valencia vera"
)
# Second parts of given names such as María del Carmen.
_DEVOTION = words(
    """
    carmen pilar rosario rocio mar jesus dolores angeles mercedes soledad socorro concepcion consuelo luz fatima
    lourdes paz rosa refugio milagros nieves remedios guadalupe transito concordia belen sagrario asuncion
    """
)
_ACCENTS = frozenset("áéíóúñãõç")
_WIDOW = words("vda vda. viuda")


def is_iberian_given(word: str) -> bool:
    """Whether a word is a frequent Spanish or Portuguese given name."""
    return fold(word) in _GIVEN


def iberian_family(words: list[str], country: str | None) -> int | None:
    """Return where the family names begin in a Spanish or Portuguese name of three words or more; None when it is none.

    In a Spanish-speaking country the last two units of a name are the family names, a unit being a word with the
    particles before it, unless the first of the two is a given name. Elsewhere the name is taken as one of this kind
    where its first word is a frequent given name and both family names are frequent, or `y` stands between them.
    """
    if len(words) < 3 or country == "PH":  # in the Philippines the mother's family name stands in the middle
        return None
    spanish = country in IBERIAN_COUNTRIES
    if not (spanish or fold(words[0]) in _GIVEN or not _JOINING.isdisjoint(words)):
        return None
    units = _units(words)
    joined = _joined(words, units)
    if joined is not None:
        return joined
    if len(units) < 3:
        return units[-1] if spanish and len(units) == 2 else None
    return _by_place(words, units) if spanish else _by_evidence(words, units)


def _by_place(words: list[str], units: list[int]) -> int:
    before = _head(words, units, -2)
    given = before in _GIVEN and (before not in _FAMILY or len(units) == 3)
    return units[-1] if given else units[-2]


def _by_evidence(words: list[str], units: list[int]) -> int | None:
    """Both family names are frequent; or the first is, and an accent or a particle shows the name to be Iberian."""
    last, before = _head(words, units, -1), _head(words, units, -2)
    marked = not _ACCENTS.isdisjoint(" ".join(words).lower()) or units[-1] - units[-2] > 1
    if before not in _FAMILY or not (last in _FAMILY or (marked and last not in _GIVEN)):
        return None
    may_be_given = before in _GIVEN or before in _GIVEN_TOO
    second_is_given = len(units) > 3 and fold(words[units[1]]) in _GIVEN
    return None if may_be_given and not second_is_given else units[-2]


def _units(words: list[str]) -> list[int]:
    """Return where each unit begins: a word with the particles before it, or "del Carmen" with the given name."""
    starts = [0]
    place = 1
    while place < len(words):
        start = place
        while place < len(words) - 1 and (words[place].lower() in PARTICLES or words[place].lower() in _WIDOW):
            place += 1
        devoted = start < place < len(words) - 1 and len(starts) <= 2 and fold(words[place]) in _DEVOTION
        if not devoted:
            starts.append(start)
        place += 1
    return starts


def _head(words: list[str], units: list[int], unit: int) -> str:
    """Return the name itself of a unit, without particles, as it is looked up."""
    ends = [*units[1:], len(words)]
    return fold(words[ends[unit] - 1])


def _joined(words: list[str], units: list[int]) -> int | None:
    """Return the begin of "Cruz y Pérez": two family names with a small joining word between."""
    for unit in range(len(units) - 1, 1, -1):
        if words[units[unit]] in _JOINING:
            return units[unit - 1]
    return None
