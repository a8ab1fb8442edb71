from __future__ import annotations

import pytest

from crm_cli.dictionary import SemanticType
from crm_cli.standardize import standardize

NAMES = ["<script>alert(1)</script>", "%S %D", "=hyperlink(1)", "--yes", "acme [/b] ltd", "$home", "{{ name }}"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [SemanticType.GIVEN_NAME, SemanticType.FAMILY_NAME, SemanticType.COMPANY_NAME])
def test_text_with_the_signs_of_a_programs_language_keeps_its_letters_case(kind: SemanticType, name: str) -> None:
    value = standardize(kind, name).value
    assert value is not None
    kept = value.replace("Ltd.", "ltd")  # the legal form is written as it is registered
    assert kept == name
