"""`python -m crm_cli` is `crm`."""

from crm_cli.app import main

main()
