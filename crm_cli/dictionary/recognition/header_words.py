"""Words by which headers name a role, in English, German, French, Spanish, Italian, Portuguese and Dutch.

A phrase is written as header words are folded: lower case, no accents, words parted by blanks. To teach a language or
a legacy system's word, add it to its role's line; a phrase of several words beats its parts.
"""

# ruff: noqa: E501 - word tables read best as lines of words
from __future__ import annotations

from crm_cli.dictionary.recognition.roles import Role

__all__ = ["ADDRESS_LINE", "CATEGORY_ENDINGS", "KEY_ENDINGS", "NAME", "NUMBER_ENDINGS", "PHRASES"]

_TABLE: dict[Role, str] = {
    Role.GIVEN_NAME: (
        "first name|given name|firstname|givenname|first|given|given names|forename|forenames|fname|christian name|vorname|"
        "rufname|prenom|nombre|nombres|nombre de pila|nome proprio|primeiro nome|primer nombre|voornaam|roepnaam"
    ),
    Role.MIDDLE_NAME: (
        "middle name|middle names|middlename|middle|middle initial|mi|mname|zweiter vorname|deuxieme prenom|segundo nombre|"
        "secondo nome|nome do meio|tweede voornaam|tussenvoegsel"
    ),
    Role.FAMILY_NAME: (
        "last name|family name|lastname|familyname|surname|last|lname|sname|nachname|familienname|zuname|nom de famille|nom|"
        "apellido|apellidos|cognome|sobrenome|apelido|ultimo nome|achternaam|familienaam"
    ),
    Role.FULL_NAME: (
        "full name|fullname|display name|complete name|contact name|contact person|person name|vollstandiger name|"
        "ansprechpartner|nom complet|nombre completo|nome completo|nome e cognome|volledige naam|naam contactpersoon|"
        "first and surname|first and last name|vor und nachname"
    ),
    Role.NAME_SUFFIX: "name suffix|suffix|namenszusatz|suffixe|sufijo|suffisso|sufixo",
    Role.SALUTATION: (
        "salutation|honorific|name prefix|prefix|courtesy title|anrede|titel|civilite|tratamiento|saludo|appellativo|"
        "saudacao|tratamento|aanhef"
    ),
    Role.COMPANY: (
        "company|company name|organization|organisation|organization name|organisation name|org|org name|employer|firm|"
        "business|business name|account|account name|institution|agency|vendor|vendor name|supplier|supplier name|site|"
        "site name|customer|customer name|client|client name|firma|firmenname|unternehmen|kunde|kundenname|lieferant|"
        "societe|entreprise|raison sociale|organisme|empresa|compania|razon social|organizacion|proveedor|azienda|"
        "ragione sociale|societa|ditta|fornitore|organizacao|razao social|fornecedor|bedrijf|bedrijfsnaam|organisatie|"
        "leverancier|legal name|trading name|dba"
    ),
    Role.DEPARTMENT: "department|dept|division|abteilung|departement|departamento|reparto|dipartimento|afdeling",
    Role.JOB_TITLE: (
        "job title|jobtitle|title|position|job|role|occupation|profession|function|beruf|stellung|funktion|poste|fonction|"
        "cargo|puesto|profesion|ruolo|posizione|profissao|functie|beroep"
    ),
    Role.EMAIL: (
        "email|e mail|mail|email address|e mail address|mail address|emailaddress|emailadresse|email adresse|"
        "adresse email|adresse mail|courriel|correo|correo electronico|posta elettronica|endereco de email|e mailadres|emailadres"
    ),
    Role.PHONE: (
        "phone|telephone|tel|phone number|telephone number|phones|landline|telefon|telefonnummer|festnetz|rufnummer|"
        "numero de telephone|telefono|numero de telefono|numero di telefono|telefone|telefoon|telefoonnummer|home phone|"
        "work phone|business phone|main phone|office phone|switchboard"
    ),
    Role.MOBILE: (
        "mobile|cell|cell phone|cellphone|mobile phone|mobile number|mobil|handy|mobiltelefon|handynummer|portable|movil|"
        "celular|cellulare|telemovel|mobiel|gsm"
    ),
    Role.FAX: "fax|fax number|telefax|faxnummer|telecopie",
    Role.URL: (
        "website|web site|url|domain|web|homepage|home page|www|web address|webseite|internet|site web|sitio web|"
        "pagina web|sito|sito web|linkedin|linkedin url"
    ),
    Role.STREET: (
        "street|address|addr|street address|address line|address line 1|address 1|address1|addr 1|addr1|line 1|"
        "mailing address|mailing street|billing street|billing address|shipping street|strasse|str|anschrift|adresse|rue|voie|"
        "calle|direccion|domicilio|via|indirizzo|rua|endereco|morada|straat|adres|straatnaam|street name"
    ),
    Role.STREET2: (
        "address line 2|address line 3|address 2|address 3|address2|address3|addr 2|addr2|addr 3|line 2|line 3|street 2|"
        "street2|unit|apt|apartment|suite|flat|adresszusatz|adresszeile 2|complement|complement adresse|complemento|interno|"
        "toevoeging|po box|postfach"
    ),
    Role.HOUSE_NUMBER: (
        "house number|house no|street number|street no|building number|stno|hausnummer|hausnr|haus nr|numero rue|"
        "numero de calle|numero civico|huisnummer"
    ),
    Role.CITY: (
        "city|town|suburb|municipality|locality|place|stadt|ort|wohnort|gemeinde|ville|commune|ciudad|localidad|poblacion|"
        "municipio|citta|comune|localita|cidade|localidade|plaats|woonplaats|stad|birth place|place of birth"
    ),
    Role.POSTAL_CODE: (
        "zip|zip code|zipcode|postal code|post code|postcode|postalcode|postal|plz|postleitzahl|code postal|cp|"
        "codigo postal|cap|codice postale|cep|codigo de enderecamento postal"
    ),
    Role.REGION: (
        "state|province|region|county|state province|prefecture|bundesland|kanton|departement region|estado|provincia|"
        "regione|provincie|distrito"
    ),
    Role.COUNTRY: "country|country name|nation|land|pays|pais|paese|nazione|staat|country code",
    Role.BIRTH_DATE: (
        "birth date|birthdate|date of birth|dob|birthday|born|geburtsdatum|geburtstag|geboren|date de naissance|naissance|"
        "fecha de nacimiento|nacimiento|data di nascita|nascita|data de nascimento|nascimento|geboortedatum"
    ),
    Role.BIRTH_YEAR: "birth year|year of birth|birthyear|by|yob|geburtsjahr|annee de naissance|ano de nacimiento|anno di nascita|geboortejaar",
    Role.BIRTH_MONTH: "birth month|month of birth|bm|mob|geburtsmonat|mois de naissance|mes de nacimiento|geboortemaand",
    Role.BIRTH_DAY: "birth day|day of birth|bd|geburtstag tag|jour de naissance|dia de nacimiento|geboortedag",
    Role.GENDER: "gender|sex|geschlecht|sexe|sexo|genero|sesso|genere|geslacht",
    Role.IDENTIFIER: (
        "ssn|social security|social security number|soc sec id|soc sec|social sec|national id|national number|passport|"
        "passport number|passport no|nino|national insurance number|tax id|tax number|tax no|taxid|vat|vat id|vat number|"
        "vat no|ein|tin|duns|duns number|npi|iban|licence|license|licence number|license number|driving licence|"
        "company number|registration number|ust id|ust idnr|ustid|steuernummer|steuer id|handelsregisternummer|siret|siren|"
        "numero de tva|numero fiscal|nif|cif|dni|nie|codice fiscale|partita iva|p iva|cpf|cnpj|nipc|contribuinte|bsn|"
        "kvk nummer|kvk|btw nummer|lei|isin|orcid"
    ),
    Role.RECORD_KEY: (
        "id|record id|row id|rowid|record key|record number|rec id|uuid|guid|key|pk|nr|no|row number|contact id|account id|"
        "lead id|customer id|customer no|customer number|client id|person id|user id|member id|kundennummer|kunden nr|"
        "datensatz id|numero client|numero de cliente|codice cliente|klantnummer|external id|source id|rel id|row pointer|anchor"
    ),
    Role.SOURCE: "source|data source|datasource|dataset|data set|lead source|origin|quelle|datenquelle|herkunft|fuente|origen|fonte|bron|source system|file name",
    Role.CATEGORY: "type|status|category|kind|class|segment|industry|sector|branch|branche|rating|tier|stage|group|kategorie|categorie|categoria|tipo|estado civil|marital status|industria|settore",
    Role.TIMESTAMP: (
        "created|created at|created on|created date|create date|date created|date entered|modified|modified at|modified on|modified date|"
        "last modified|date modified|updated|updated at|updated on|last update|last updated|timestamp|last activity|last activity date|"
        "erstellt am|angelegt am|geandert am|erstellungsdatum|anderungsdatum|cree le|date de creation|modifie le|"
        "fecha de creacion|fecha de modificacion|data creazione|data de criacao|aangemaakt op|gewijzigd op|entry date|import date|valid until"
    ),
    Role.AMOUNT: "amount|revenue|annual revenue|price|total|value|budget|salary|income|umsatz|betrag|preis|chiffre d affaires|montant|prix|importe|precio|ingresos|importo|fatturato|prezzo|valor|preco|omzet|bedrag|prijs",
    Role.CURRENCY: "currency|currency code|wahrung|devise|moneda|valuta|moeda",
    Role.NUMBER: "employees|number of employees|headcount|size|count|quantity|qty|score|age|mitarbeiter|anzahl|effectif|empleados|dipendenti|funcionarios|medewerkers|enrollment|latitude|longitude|lat|lon|lng",
    Role.BOOLEAN: "active|inactive|opt in|opt out|do not call|do not email|newsletter|unsubscribed|deleted|is active|is deleted|consent",
    Role.LANGUAGE: "language|locale|sprache|langue|idioma|lingua|taal|preferred language",
    Role.OWNER: "owner|account owner|sales rep|salesperson|sales representative|account manager|assigned to|betreuer|verkaufer|zustandig|vendeur|vendedor|venditore|responsavel|eigenaar|created by|modified by|rep",
    Role.FREE_TEXT: "notes|note|comment|comments|description|remarks|remark|memo|bemerkung|bemerkungen|notiz|notizen|kommentar|beschreibung|remarque|commentaire|notas|nota|observaciones|comentario|descripcion|note interne|descrizione|commento|observacoes|descricao|opmerking|opmerkingen|omschrijving",
}  # fmt: skip

PHRASES: dict[tuple[str, ...], Role] = {
    tuple(phrase.split()): role for role, phrases in _TABLE.items() for phrase in phrases.split("|")
}
# "name" alone: a person's or a company's, which only the values can tell.
NAME = frozenset({"name", "names", "naam", "nome", "bezeichnung", "denominazione"})
CATEGORY_ENDINGS = frozenset(
    {"type", "status", "role", "category", "flag", "kind", "class", "typ", "art", "tipo", "stage"}
)
KEY_ENDINGS = frozenset({"id", "key", "uuid", "guid", "pk", "code", "pointer"})
NUMBER_ENDINGS = frozenset({"number", "no", "nr", "num", "nummer", "numero"})
ADDRESS_LINE = frozenset(
    {"address", "addr", "add", "line", "street", "adresse", "anschrift", "direccion", "indirizzo", "endereco", "adres"}
)
