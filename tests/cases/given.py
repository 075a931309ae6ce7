"""The steps that a case takes before its request. Each is one object whose first key names the step."""

import json
import time
from collections.abc import Callable
from typing import Any

from cases.world import KEY, TYPE, World

WHEN = "2025-04-24T20:01:33Z"
"""The `hs_timestamp` of records that a case does not date itself."""

Step = Callable[[World, dict[str, Any]], None]


def take(world: World, step: dict[str, Any]) -> None:
    """Takes one step; raises AssertionError when the server refuses it."""
    STEPS[next(iter(step))](world, world.fill(step))


def define(world: World, step: dict[str, Any]) -> None:
    """`{"property": {...}}`: a custom property of calls, a line of text where the definition says no more."""
    definition = {"type": "string", "fieldType": "text", "groupName": "callinformation", **step["property"]}
    definition.setdefault("label", definition["name"])
    world.ask_well("POST", "/crm/v3/properties/calls", definition)
    world.defined.add(definition["name"])


def record(world: World, step: dict[str, Any]) -> None:
    """`{"record": "A1", "properties": {...}}`: the call whose key is A1, created, or changed when it is there."""
    if KEY not in world.defined:
        define(world, {"property": {"name": KEY, "hasUniqueValue": True}})
    name = step["record"]
    started = {} if name in world.records else {"hs_timestamp": WHEN}
    input_ = {"id": name, "idProperty": KEY, "properties": {**started, **step.get("properties", {})}}
    [world.records[name]] = world.upsert(input_)


def archived(world: World, step: dict[str, Any]) -> None:
    """`{"archived": "A9"}`: the call A9, created unless it is there, then archived."""
    name = step["archived"]
    if name not in world.records:
        record(world, {"record": name, "properties": step.get("properties", {})})
    world.ask_well("DELETE", f"{TYPE}/{world.id(name)}")


def count(world: World, step: dict[str, Any]) -> None:
    """`{"count": 12}`: so many calls, their keys n-1, n-2 and so on."""
    if KEY not in world.defined:
        define(world, {"property": {"name": KEY, "hasUniqueValue": True}})
    keys = [f"n-{n}" for n in range(1, step["count"] + 1)]
    world.upsert(*({"id": key, "idProperty": KEY, "properties": {"hs_timestamp": WHEN}} for key in keys))


def thing(world: World, step: dict[str, Any]) -> None:
    """`{"object": "C1", "type": "contacts", "properties": {...}}`: a record of any type, created alone.

    With `associations` it starts with those.
    """
    body = {key: step[key] for key in ("properties", "associations") if key in step}
    world.records[step["object"]] = world.ask_well("POST", f"/crm/v3/objects/{step['type']}", body).body


def changed_object(world: World, step: dict[str, Any]) -> None:
    """`{"changed_object": "C1", "type": "contacts", "properties": {...}}`: a record of any type is changed so."""
    path = f"/crm/v3/objects/{step['type']}/{world.id(step['changed_object'])}"
    world.ask_well("PATCH", path, {"properties": step["properties"]})


def archived_object(world: World, step: dict[str, Any]) -> None:
    """`{"archived_object": "C1", "type": "contacts"}`: a record of any type that was created is archived."""
    world.ask_well("DELETE", f"/crm/v3/objects/{step['type']}/{world.id(step['archived_object'])}")


def associated(world: World, step: dict[str, Any]) -> None:
    """`{"associated": ["calls", "A1", "contacts", "C1"]}`: two records, linked as is usual for their types."""
    from_type, from_name, to_type, to_name = step["associated"]
    path = f"/crm/v4/objects/{from_type}/{world.id(from_name)}/associations/default/{to_type}/{world.id(to_name)}"
    world.ask_well("PUT", path)


def label(world: World, step: dict[str, Any]) -> None:
    """`{"label": {"name": "boss", "label": "Boss"}, "between": ["contacts", "companies"]}`: a label for associations.

    The first one of a case has the type 1, and 2 from the other end.
    """
    source, target = step["between"]
    world.ask_well("POST", f"/crm/v4/associations/{source}/{target}/labels", step["label"])


def limit(world: World, step: dict[str, Any]) -> None:
    """`{"limit": [{"category": …, "typeId": 279, "maxToObjectIds": 1}], "between": [...]}`: limits on associations."""
    path = "/crm/v4/associations/definitions/configurations/{}/{}/batch/create".format(*step["between"])
    assert "errors" not in world.ask_well("POST", path, {"inputs": step["limit"]}).body


def purged(world: World, step: dict[str, Any]) -> None:
    """`{"purged": [279], "between": ["contacts", "companies"]}`: the limits of HubSpot's types are taken away."""
    path = "/crm/v4/associations/definitions/configurations/{}/{}/batch/purge".format(*step["between"])
    inputs = [{"category": "HUBSPOT_DEFINED", "typeId": type_} for type_ in step["purged"]]
    world.ask_well("POST", path, {"inputs": inputs})


def merged(world: World, step: dict[str, Any]) -> None:
    """`{"merged": ["A1", "A2"]}`: the call A2 is merged into A1, which stays."""
    primary, other = step["merged"]
    body = {"primaryObjectId": world.id(primary), "objectIdToMerge": world.id(other)}
    world.records[primary] = world.ask_well("POST", f"{TYPE}/merge", body).body


def erased(world: World, step: dict[str, Any]) -> None:
    """`{"erased": "A1"}`: the call A1 is erased for good, which version 2025-09 can do."""
    world.ask_well("POST", "/crm/objects/2025-09/calls/gdpr-delete", {"objectId": world.id(step["erased"])})


def archived_property(world: World, step: dict[str, Any]) -> None:
    """`{"archived_property": "colour"}`: a custom property of calls that was defined is archived."""
    world.ask_well("DELETE", f"/crm/v3/properties/calls/{step['archived_property']}")


def changed_property(world: World, step: dict[str, Any]) -> None:
    """`{"changed_property": {"name": "colour", ...}}`: a property of calls has its definition changed so."""
    change = dict(step["changed_property"])
    world.ask_well("PATCH", f"/crm/v3/properties/calls/{change.pop('name')}", change)


def group(world: World, step: dict[str, Any]) -> None:
    """`{"group": {"name": "mine", ...}}`: a group of properties of calls."""
    made = {"label": "Mine", **step["group"]}
    world.ask_well("POST", "/crm/v3/properties/calls/groups", made)


def archived_group(world: World, step: dict[str, Any]) -> None:
    """`{"archived_group": "mine"}`: a group that was made is archived."""
    world.ask_well("DELETE", f"/crm/v3/properties/calls/groups/{step['archived_group']}")


def pipeline(world: World, step: dict[str, Any]) -> None:
    """`{"pipeline": "mine", "type": "deals", "stages": {"first": "0.1"}}`: a pipeline, and what each stage comes to.

    Its label is its id in capitals, as are those of its stages.
    """
    type_, id_ = step.get("type", "deals"), step["pipeline"]
    key = "ticketState" if type_ == "tickets" else "probability"
    stages = [
        {"stageId": stage, "label": stage.upper(), "displayOrder": number, "metadata": {key: text}}
        for number, (stage, text) in enumerate(step["stages"].items())
    ]
    body = {"pipelineId": id_, "label": id_.upper(), "displayOrder": 1, "stages": stages}
    world.ask_well("POST", f"/crm/v3/pipelines/{type_}", body)


def changed_stage(world: World, step: dict[str, Any]) -> None:
    """`{"changed_stage": {"probability": "0.0"}, "of": "mine", "stage": "first"}`: a stage of deals is changed."""
    path = f"/crm/v3/pipelines/deals/{step['of']}/stages/{step['stage']}"
    world.ask_well("PATCH", path, {"metadata": step["changed_stage"]})


CAR = {
    "name": "car",
    "labels": {"singular": "Car", "plural": "Cars"},
    "primaryDisplayProperty": "model",
    "requiredProperties": ["model"],
    "searchableProperties": ["model", "vin"],
    "properties": [
        {"name": "model", "label": "Model", "type": "string", "fieldType": "text"},
        {"name": "vin", "label": "VIN", "type": "string", "fieldType": "text", "hasUniqueValue": True},
        {"name": "price", "label": "Price", "type": "number", "fieldType": "number"},
    ],
    "associatedObjects": ["0-1"],
}
SCHEMAS = "/crm-object-schemas/v3/schemas"


def schema(world: World, step: dict[str, Any]) -> None:
    """`{"schema": {"name": "boat"}}`: a custom object, like `CAR` but for what is said; the first one is 2-1000001."""
    world.ask_well("POST", SCHEMAS, CAR | step["schema"])


def deleted_schema(world: World, step: dict[str, Any]) -> None:
    """`{"deleted_schema": "car", "archived": "true"}`: the schema of a custom object is deleted, here for good."""
    world.ask_well("DELETE", f"{SCHEMAS}/{step['deleted_schema']}?archived={step.get('archived', 'false')}")


def deleted_link(world: World, step: dict[str, Any]) -> None:
    """`{"deleted_link": "1"}`: an association of the custom object car is deleted."""
    world.ask_well("DELETE", f"{SCHEMAS}/car/associations/{step['deleted_link']}")


def property_of(world: World, step: dict[str, Any]) -> None:
    """`{"property_of": "car", "name": "colour", "groupName": …}`: a property of any type, a line of text."""
    definition = {"label": step["name"], "type": "string", "fieldType": "text", **step}
    world.ask_well("POST", f"/crm/v3/properties/{definition.pop('property_of')}", definition)


def deleted_pipeline(world: World, step: dict[str, Any]) -> None:
    """`{"deleted_pipeline": "mine", "type": "deals"}`: a pipeline that was made is deleted."""
    world.ask_well("DELETE", f"/crm/v3/pipelines/{step.get('type', 'deals')}/{step['deleted_pipeline']}")


def rule(world: World, step: dict[str, Any]) -> None:
    """`{"rule": "MAX_LENGTH", "type": "contacts", "name": "zip", "arguments": ["10"]}`: a rule for values is set."""
    body = {"ruleArguments": step["arguments"]}
    if "normalize" in step:
        body["shouldApplyNormalization"] = step["normalize"]
    path = f"/crm/v3/property-validations/{step['type']}/{step['name']}/rule-type/{step['rule']}"
    world.ask_well("PUT", path, body)


def list_(world: World, step: dict[str, Any]) -> None:
    """`{"list": "L", "name": "mine", "of": "contacts", "members": ["C1"]}`: a list by hand, or with `filters` by these.

    The first one of a case has the id 1. With `folder` it is in that folder.
    """
    filters = step.get("filters")
    body = {"name": step.get("name", step["list"]), "objectTypeId": step.get("of", "contacts")}
    body |= {"processingType": "MANUAL"} if filters is None else {"processingType": "DYNAMIC", "filterBranch": filters}
    made = world.ask_well("POST", "/crm/v3/lists", body).body["list"]
    world.records[step["list"]] = {"id": made["listId"]}
    if "members" in step:
        ids = [world.id(name) for name in step["members"]]
        world.ask_well("PUT", f"/crm/v3/lists/{made['listId']}/memberships/add", ids)


def list_folder(world: World, step: dict[str, Any]) -> None:
    """`{"list_folder": "F", "in": "0"}`: a folder of lists; the first one of a case has the id 1."""
    body = {"name": step["list_folder"], "parentFolderId": step.get("in", "0")}
    world.ask_well("POST", "/crm/v3/lists/folders", body)


def deleted_list(world: World, step: dict[str, Any]) -> None:
    """`{"deleted_list": "L"}`: a list that was made is deleted."""
    world.ask_well("DELETE", f"/crm/v3/lists/{world.id(step['deleted_list'])}")


def later(world: World, step: dict[str, Any]) -> None:
    """`{"later": "J", "operation": "upsert", "inputs": [...]}`: a batch of calls is taken, to be carried out later.

    `{id:J}` is the end of its link; `type` may name another object type.
    """
    path = f"/crm/v3/objects/{step.get('type', 'calls')}/batch/{step['operation']}"
    headers = {"Prefer": "respond-async"}
    answer = world.client.post(path, json={"inputs": step["inputs"]}, headers=headers)
    assert answer.status_code == 202, answer.text
    world.records[step["later"]] = {"id": answer.headers["Location"].rpartition("/")[2]}


def done(world: World, step: dict[str, Any]) -> None:
    """`{"done": "J"}`: the batch J of calls has been carried out."""
    for _ in range(10_000):
        if world.ask_well("GET", f"{TYPE}/batch/requests/{world.id(step['done'])}").body["status"] == "COMPLETE":
            return
    raise AssertionError(f"{step['done']} is not done in time")


def imported(world: World, step: dict[str, Any]) -> None:
    """`{"imported": "I", "rows": "Email\\na@x.io\\n", "columns": [{...}]}`: an import of contacts was carried out.

    A column is `{"columnName": ..., "propertyName": ...}` and whatever else its mapping has.
    """
    columns = [{"columnObjectTypeId": "0-1", **column} for column in step["columns"]]
    page = {"hasHeader": True, "columnMappings": columns}
    asked = {"name": "rows", "files": [{"fileName": "rows.csv", "fileFormat": "CSV", "fileImportPage": page}]}
    files = {"files": ("rows.csv", step["rows"], "text/csv")}
    answer = world.client.post("/crm/v3/imports", data={"importRequest": json.dumps(asked)}, files=files)
    assert answer.status_code == 200, answer.text
    world.records[step["imported"]] = answer.json()
    path = f"/crm/v3/imports/{world.id(step['imported'])}"
    for _ in range(10_000):
        if world.ask_well("GET", path).body["state"] in ("DONE", "FAILED"):
            return
    raise AssertionError(f"{step['imported']} is not done in time")


def exported(world: World, step: dict[str, Any]) -> None:
    """`{"exported": "X", "type": "CONTACT", "properties": [...]}`: an export was carried out."""
    asked = {"exportType": "VIEW", "format": "CSV", "objectType": step["type"], "objectProperties": step["properties"]}
    made = world.ask_well("POST", "/crm/v3/exports/export/async", asked | {"exportName": step["exported"]}).body
    world.records[step["exported"]] = made
    path = f"/crm/v3/exports/export/async/tasks/{made['id']}/status"
    for _ in range(10_000):
        if world.ask_well("GET", path).body["status"] == "COMPLETE":
            return
    raise AssertionError(f"{step['exported']} is not done in time")


def tick(world: World, step: dict[str, Any]) -> None:
    """`{"tick": true}`: the millisecond of the last write is over, so that a later write shows a later time."""
    last = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 <= last:
        pass


def scopes(world: World, step: dict[str, Any]) -> None:
    """`{"scopes": [...]}`: the request is sent with a token of just these scopes."""
    world.authorization = f"Bearer {world.server.make_token(step['scopes'])}"


def authorization(world: World, step: dict[str, Any]) -> None:
    """`{"authorization": "Bearer x"}`: the request is sent with this Authorization header."""
    world.authorization = step["authorization"]


def no_token(world: World, step: dict[str, Any]) -> None:
    """`{"no_token": true}`: the request is sent without an Authorization header."""
    world.authorization = None


STEPS: dict[str, Step] = {
    "property": define,
    "schema": schema,
    "deleted_schema": deleted_schema,
    "deleted_link": deleted_link,
    "property_of": property_of,
    "record": record,
    "archived": archived,
    "count": count,
    "object": thing,
    "changed_object": changed_object,
    "archived_object": archived_object,
    "associated": associated,
    "label": label,
    "limit": limit,
    "purged": purged,
    "merged": merged,
    "erased": erased,
    "archived_property": archived_property,
    "changed_property": changed_property,
    "group": group,
    "archived_group": archived_group,
    "pipeline": pipeline,
    "changed_stage": changed_stage,
    "deleted_pipeline": deleted_pipeline,
    "rule": rule,
    "list": list_,
    "list_folder": list_folder,
    "deleted_list": deleted_list,
    "later": later,
    "done": done,
    "imported": imported,
    "exported": exported,
    "tick": tick,
    "scopes": scopes,
    "authorization": authorization,
    "no_token": no_token,
}
