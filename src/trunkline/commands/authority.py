"""`trunkline authority`: whom clients of a server with TLS are told to trust."""

from typing import Annotated

import typer

from trunkline.commands.reach import fail
from trunkline.settings import from_environment


def authority(
    pem: Annotated[bool, typer.Option("--pem", help="Print the certificate itself.")] = False,
    tls_folder: Annotated[
        str | None, typer.Option(help="Where it is kept; else TRUNKLINE_TLS_FOLDER, else with the user's data.")
    ] = None,
) -> None:
    """Print the file with the certificate of the authority that vouches for `trunkline serve --tls`.

    It is made when it is not there. Clients that trust it take this machine for api.hubapi.com, and nobody else.
    """
    from trunkline.authority import authority_of

    try:
        certificate = authority_of(from_environment(tls_folder=tls_folder)).certificate
        typer.echo(certificate.read_text().strip() if pem else certificate.absolute())
    except (ValueError, OSError) as cause:
        fail(cause)
