"""Loading calls from a file into any service that speaks HubSpot's API.

A client like any other: it knows the wire contract and nothing of Trunkline's own server. In the order of a run:
`lines` and `rows` read the file (`formats` tells what it is), `mapping` makes calls of rows (`values` and `times` read
the cells), `batches` and `flight` keep order and keys apart, `sender` and `remote` speak HTTP, `report` tells.
`job` is the run, `command` the command line.
"""
