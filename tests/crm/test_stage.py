"""Where a record may stand, and what follows from it (behaviour 12.9)."""

import pytest

from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.pipeline import Pipeline, Stage, Staging
from trunkline.crm.record import Record
from trunkline.crm.stage import Stages
from trunkline.errors import InvalidValue

STAGING = Staging(pipeline="pipeline", stage="dealstage", metadata="probability")


def pipeline(id_: str, *stages: str, archived: int | None = None) -> Pipeline:
    made = tuple(
        Stage(id=name, label=name, display_order=n, metadata={"probability": "1.0", "isClosed": "true"})
        for n, name in enumerate(stages)
    )
    return Pipeline(id=id_, label=id_, display_order=0, stages=made, archived=archived)


STAGES = Stages(STAGING, [pipeline("a", "a1", "a2"), pipeline("b", "b1"), pipeline("gone", "g1", archived=1)])
STAGE = "{} is not a valid pipeline stage ID. Valid options are: pipelineId={} : [{}]"


@pytest.mark.parametrize(
    ("values", "kept", "wrong"),
    [
        ({}, {}, None),
        ({"dealname": "x"}, {"pipeline": "gone", "dealstage": "g1"}, None),
        ({"dealstage": "a1"}, {}, None),
        ({"dealstage": "b1"}, {}, STAGE.format("b1", "a", "a1, a2")),
        ({"dealstage": "b1", "pipeline": "b"}, {}, None),
        ({"dealstage": "a1", "pipeline": "b"}, {}, STAGE.format("a1", "b", "b1")),
        ({"dealstage": "b1"}, {"pipeline": "b", "dealstage": "b1"}, None),
        ({"dealstage": "a1"}, {"pipeline": "b", "dealstage": "b1"}, STAGE.format("a1", "b", "b1")),
        ({"dealstage": "a1", "pipeline": ""}, {"pipeline": "b", "dealstage": "b1"}, None),
        ({"pipeline": "a"}, {"pipeline": "b", "dealstage": "b1"}, STAGE.format("b1", "a", "a1, a2")),
        ({"pipeline": "b"}, {}, None),
        ({"dealstage": ""}, {"pipeline": "b", "dealstage": "b1"}, None),
        ({"dealstage": "a2"}, {"pipeline": "gone", "dealstage": "g1"}, None),
        ({"dealstage": "g1"}, {"pipeline": "gone", "dealstage": "g1"}, STAGE.format("g1", "a", "a1, a2")),
        ({"pipeline": "gone"}, {}, "gone is not a valid pipeline ID. Valid options are: [a, b]"),
    ],
)
def test_where_a_record_may_stand(values: dict[str, str], kept: dict[str, str], wrong: str | None) -> None:
    found = STAGES.misplaced(values, kept, "properties")
    assert (found and found.message) == wrong


def test_what_is_wrong_says_where() -> None:
    found = STAGES.misplaced({"dealstage": "x"}, {}, "inputs[3].properties")
    message = STAGE.format("x", "a", "a1, a2")
    assert found == InvalidValue("dealstage", "INVALID_OPTION", message, "inputs[3].properties.dealstage")


@pytest.mark.parametrize(
    ("values", "new", "completed"),
    [
        ({}, True, {"pipeline": "a"}),
        ({"pipeline": ""}, True, {"pipeline": "a"}),
        ({"pipeline": "b"}, True, {"pipeline": "b"}),
        ({}, False, {}),
        ({"pipeline": ""}, False, {"pipeline": "a"}),
    ],
)
def test_the_default_pipeline(values: dict[str, str], new: bool, completed: dict[str, str]) -> None:
    assert STAGES.completed(values, new=new) == completed


def test_without_pipelines_anything_goes() -> None:
    none = Stages(STAGING, [pipeline("gone", "g1", archived=1)])
    assert none.misplaced({"dealstage": "x", "pipeline": "y"}, {}, "properties") is None
    assert none.completed({}, new=True) == {}


def deal(stage: str) -> Record:
    return Record(id=1, properties={"dealstage": stage}, created=0, updated=0, app=1)


def test_what_follows_from_a_stage_is_that_of_the_portal() -> None:
    shipped = Catalog(1, Definitions()).type("deals")
    own = Catalog(1, Definitions(pipelines={"0-3": [pipeline("default", "contractsent")]})).type("deals")
    assert shipped.derived.one(deal("contractsent"), "hs_is_closed_won") == "false"
    assert own.derived.one(deal("contractsent"), "hs_is_closed_won") == "true"
    assert own.derived.one(deal("closedwon"), "hs_is_closed_won") is None
    assert shipped.properties["hs_is_closed"].derivation != own.properties["hs_is_closed"].derivation


def test_a_probability_has_all_its_digits() -> None:
    shipped = Catalog(1, Definitions()).type("deals")
    shown = {
        stage: shipped.derived.one(deal(stage), "hs_deal_stage_probability") for stage in ("closedwon", "closedlost")
    }
    assert shown == {"closedwon": "1", "closedlost": "0"}
    found = shipped.derived.one(deal("qualifiedtobuy"), "hs_deal_stage_probability")
    assert found == "0.40000000000000002220446049250313080847263336181640625"
