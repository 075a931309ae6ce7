"""Writing the records of an account into a file, from any service that speaks HubSpot's API.

A client like any other, as `trunkline.load` is, which reads what this writes (`load.exported` is what both share). In
the order of a run: `wanted` is what is asked for, `pages` and `ties` read the service, `text` and `parquet` write the
kinds of file, `target` keeps a file that is cut off from being taken for a whole one, `report` tells. `job` is the run,
`command` the command line.
"""
