"""HubSpot's own client for Python on definitions: properties, batches of them, and groups."""

from datetime import datetime
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm import properties
from hubspot.crm.properties.exceptions import ApiException, NotFoundException
from real.official import definition, group


def test_a_definition_is_decoded(hubspot: HubSpot) -> None:
    options = [
        properties.OptionInput(label=label, value=label.lower(), display_order=number, hidden=False)
        for number, label in enumerate(("Warm", "Cold"))
    ]
    api = hubspot.crm.properties.core_api
    made = api.create("calls", definition("mood", type="enumeration", field_type="select", options=options))
    assert (made.name, made.type, made.field_type, made.group_name) == ("mood", "enumeration", "select", "call")
    assert [(option.label, option.value, option.hidden) for option in made.options] == [
        ("Warm", "warm", False),
        ("Cold", "cold", False),
    ]
    assert isinstance(made.created_at, datetime)
    assert made.modification_metadata.archivable and not made.modification_metadata.read_only_value
    assert (made.archived, made.has_unique_value, made.calculated, made.display_order) == (False, False, False, -1)
    assert api.get_by_name("calls", "mood").options == made.options


def test_hubspots_own_definitions(hubspot: HubSpot) -> None:
    api = hubspot.crm.properties.core_api
    shipped = {one.name: one for one in api.get_all("calls").results}
    assert {"hs_timestamp", "hs_call_title", "hs_call_status", "hs_object_id"} <= shipped.keys()
    assert shipped["hs_call_status"].hubspot_defined
    assert shipped["hs_object_id"].modification_metadata.read_only_value
    assert "COMPLETED" in {option.value for option in shipped["hs_call_status"].options}


def test_change_and_archive(hubspot: HubSpot) -> None:
    api = hubspot.crm.properties.core_api
    api.create("calls", definition("mood"))
    assert api.update("calls", "mood", properties.PropertyUpdate(label="Other")).label == "Other"
    assert api.archive("calls", "mood") is None
    with pytest.raises(NotFoundException) as caught:
        api.get_by_name("calls", "mood")
    assert caught.value.status == 404
    assert api.get_by_name("calls", "mood", archived=True).archived
    assert [one.name for one in api.get_all("calls", archived=True).results] == ["mood"]


def test_a_name_that_is_taken(hubspot: HubSpot) -> None:
    api = hubspot.crm.properties
    api.core_api.create("calls", definition("mood"))
    with pytest.raises(ApiException) as caught:
        api.core_api.create("calls", definition("mood"))
    assert (caught.value.status, "already exists" in caught.value.body) == (409, True)
    batch = properties.BatchInputPropertyCreate(inputs=[definition("mood"), definition("weather")])
    answer, status, _ = api.batch_api.create_with_http_info("calls", batch)
    assert (status, type(answer).__name__) == (207, "BatchResponsePropertyWithErrors")
    assert [one.name for one in answer.results] == ["weather"]
    assert [(error.status, error.category) for error in answer.errors] == [("error", "OBJECT_ALREADY_EXISTS")]


def test_batches(hubspot: HubSpot) -> None:
    api = hubspot.crm.properties.batch_api
    names: list[Any] = [properties.PropertyName(name=name) for name in ("mood", "weather")]
    made = api.create("calls", properties.BatchInputPropertyCreate(inputs=[definition(name.name) for name in names]))
    assert made.status == "COMPLETE"
    assert {one.name for one in made.results} == {"mood", "weather"}
    read = api.read("calls", properties.BatchReadInputPropertyName(archived=False, inputs=names))
    assert {one.name for one in read.results} == {"mood", "weather"}
    assert api.archive("calls", properties.BatchInputPropertyName(inputs=names[:1])) is None
    gone = api.read("calls", properties.BatchReadInputPropertyName(archived=True, inputs=names[:1]))
    assert [(one.name, one.archived) for one in gone.results] == [("mood", True)]


def test_groups(hubspot: HubSpot) -> None:
    api = hubspot.crm.properties.groups_api
    made = api.create("calls", group("mine"))
    assert (made.name, made.label, made.display_order, made.archived) == ("mine", "mine", 3, False)
    assert api.update("calls", "mine", properties.PropertyGroupUpdate(label="Mine")).label == "Mine"
    assert {"call", "mine"} <= {one.name for one in api.get_all("calls").results}
    assert api.get_by_name("calls", "mine").label == "Mine"
    assert api.archive("calls", "mine") is None
    with pytest.raises(NotFoundException) as caught:
        api.get_by_name("calls", "mine")
    assert caught.value.status == 404


def test_values_of_a_property_that_was_just_made(hubspot: HubSpot) -> None:
    from hubspot.crm.objects.calls import SimplePublicObjectInputForCreate as Input

    hubspot.crm.properties.core_api.create("calls", definition("amount", type="number", field_type="number"))
    made = hubspot.crm.objects.calls.basic_api.create(
        Input(properties={"hs_timestamp": "2025-04-24T20:01:33Z", "amount": "920.00"}, associations=[])
    )
    assert made.properties["amount"] == "920.00"
