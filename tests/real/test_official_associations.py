"""HubSpot's own client for Python and associations, method by method: none is left out, except where it is said so."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from hubspot import HubSpot
from hubspot.crm import associations, companies, contacts
from hubspot.crm.associations import schema, v4
from hubspot.crm.associations.v4 import schema as labels
from server import start

CLASSES = {
    "batch_api": associations.BatchApi,
    "schema.types_api": schema.TypesApi,
    "v4.basic_api": v4.BasicApi,
    "v4.batch_api": v4.BatchApi,
    "v4.schema.definitions_api": labels.DefinitionsApi,
    "v4.schema.definition_configurations_api": labels.DefinitionConfigurationsApi,
}
"""The classes of the client, by where it has them under `crm.associations`."""

LEFT_OUT = {"v4.report_api": v4.ReportApi}
"""The report by e-mail is not served."""

INFO = "_with_http_info"
PLAIN, BACK = 279, 280


@dataclass
class There:
    """What is there before a method is called: a contact and a company, made for it alone."""

    hubspot: HubSpot
    contact: str
    company: str

    def spec(self, kind: int = PLAIN, category: str = "HUBSPOT_DEFINED") -> Any:
        """A type of association."""
        return v4.AssociationSpec(association_category=category, association_type_id=kind)

    def tied(self) -> "There":
        """The same, with the two tied."""
        self.hubspot.crm.associations.v4.basic_api.create_default("contacts", self.contact, "companies", self.company)
        return self

    def limited(self) -> "There":
        """The same, with a limit on associations between their types."""
        api = self.hubspot.crm.associations.v4.schema.definition_configurations_api
        api.batch_create(*TYPES, self.limits("Create"))
        return self

    def limits(self, verb: str) -> Any:
        """A batch of one limit, to create or to update."""
        name = f"PublicAssociationDefinitionConfiguration{verb}Request"
        one = getattr(labels, name)(category="HUBSPOT_DEFINED", type_id=PLAIN, max_to_object_ids=7)
        return getattr(labels, f"BatchInput{name}")(inputs=[one])

    def label(self) -> int:
        """The type of a new label."""
        made = self.hubspot.crm.associations.v4.schema.definitions_api.create(
            "contacts", "companies", a_label(f"n{uuid4().hex}")
        )
        return int(made.results[0].type_id)

    def pair(self) -> dict[str, Any]:
        """Both ends, as version 4 has them."""
        return {"_from": v4.PublicObjectId(id=self.contact), "to": v4.PublicObjectId(id=self.company)}

    def named(self) -> Any:
        """A batch of one pair, as version 3 has it."""
        ends = associations.PublicObjectId(id=self.contact), associations.PublicObjectId(id=self.company)
        one = associations.PublicAssociation(_from=ends[0], to=ends[1], type="contact_to_company_unlabeled")
        return associations.BatchInputPublicAssociation(inputs=[one])

    def posts(self) -> Any:
        """A batch of one pair with its type."""
        return v4.BatchInputPublicAssociationMultiPost(
            inputs=[v4.PublicAssociationMultiPost(**self.pair(), types=[self.spec()])]
        )


def a_label(name: str) -> Any:
    """A label to create."""
    return labels.PublicAssociationDefinitionCreateRequest(name=name, label=name, inverse_label=f"{name} back")


Ask = Callable[[There], tuple[Any, ...]]
TYPES = ("contacts", "companies")
EXERCISES: dict[str, tuple[Ask, int, str | None]] = {
    "batch_api.create": (lambda t: (*TYPES, t.named()), 201, "BatchResponsePublicAssociation"),
    "batch_api.archive": (lambda t: (*TYPES, t.tied().named()), 204, None),
    "batch_api.read": (
        lambda t: (
            *TYPES,
            associations.BatchInputPublicObjectId(inputs=[associations.PublicObjectId(id=t.tied().contact)]),
        ),
        200,
        "BatchResponsePublicAssociationMulti",
    ),
    "schema.types_api.get_all": (lambda t: TYPES, 200, "CollectionResponsePublicAssociationDefinitionNoPaging"),
    "v4.basic_api.archive": (lambda t: ("contacts", t.tied().contact, "companies", t.company), 204, None),
    "v4.basic_api.create": (
        lambda t: ("contacts", t.contact, "companies", t.company, [t.spec()]),
        201,
        "LabelsBetweenObjectPair",
    ),
    "v4.basic_api.create_default": (
        lambda t: ("contacts", t.contact, "companies", t.company),
        200,
        "BatchResponsePublicDefaultAssociation",
    ),
    "v4.basic_api.get_page": (
        lambda t: ("contacts", t.tied().contact, "companies"),
        200,
        "CollectionResponseMultiAssociatedObjectWithLabelForwardPaging",
    ),
    "v4.batch_api.archive": (
        lambda t: (
            *TYPES,
            v4.BatchInputPublicAssociationMultiArchive(
                inputs=[
                    v4.PublicAssociationMultiArchive(
                        _from=v4.PublicObjectId(id=t.tied().contact), to=[v4.PublicObjectId(id=t.company)]
                    )
                ]
            ),
        ),
        204,
        None,
    ),
    "v4.batch_api.archive_labels": (lambda t: (*TYPES, t.tied().posts()), 204, None),
    "v4.batch_api.create": (lambda t: (*TYPES, t.posts()), 201, "BatchResponseLabelsBetweenObjectPair"),
    "v4.batch_api.create_default": (
        lambda t: (
            *TYPES,
            v4.BatchInputPublicDefaultAssociationMultiPost(inputs=[v4.PublicDefaultAssociationMultiPost(**t.pair())]),
        ),
        200,
        "BatchResponsePublicDefaultAssociation",
    ),
    "v4.batch_api.get_page": (
        lambda t: (
            *TYPES,
            v4.BatchInputPublicFetchAssociationsBatchRequest(
                inputs=[v4.PublicFetchAssociationsBatchRequest(id=t.tied().contact)]
            ),
        ),
        200,
        "BatchResponsePublicAssociationMultiWithLabel",
    ),
    "v4.schema.definition_configurations_api.batch_create": (
        lambda t: (*TYPES, t.limits("Create")),
        201,
        "BatchResponsePublicAssociationDefinitionUserConfiguration",
    ),
    "v4.schema.definition_configurations_api.batch_update": (
        lambda t: (*TYPES, t.limited().limits("Update")),
        200,
        "BatchResponsePublicAssociationDefinitionConfigurationUpdateResult",
    ),
    "v4.schema.definition_configurations_api.batch_remove": (
        lambda t: (
            *TYPES,
            labels.BatchInputPublicAssociationSpec(
                inputs=[labels.PublicAssociationSpec(category="HUBSPOT_DEFINED", type_id=PLAIN)]
            ),
        ),
        204,
        None,
    ),
    "v4.schema.definition_configurations_api.get_all": (
        lambda t: (t.limited(), ())[1],
        200,
        "CollectionResponsePublicAssociationDefinitionUserConfigurationNoPaging",
    ),
    "v4.schema.definition_configurations_api.get_all_between_two_object_types": (
        lambda t: (t.limited(), TYPES)[1],
        200,
        "CollectionResponsePublicAssociationDefinitionUserConfigurationNoPaging",
    ),
    "v4.schema.definitions_api.create": (
        lambda t: (*TYPES, a_label(f"n{uuid4().hex}")),
        200,
        "CollectionResponseAssociationSpecWithLabelNoPaging",
    ),
    "v4.schema.definitions_api.get_all": (
        lambda t: TYPES,
        200,
        "CollectionResponseAssociationSpecWithLabelNoPaging",
    ),
    "v4.schema.definitions_api.update": (
        lambda t: (
            *TYPES,
            labels.PublicAssociationDefinitionUpdateRequest(association_type_id=t.label(), label="Other"),
        ),
        204,
        None,
    ),
    "v4.schema.definitions_api.remove": (lambda t: (*TYPES, t.label()), 204, None),
}
"""By method: what to call it with, the status and the class of what it answers."""


@pytest.fixture(scope="module")
def hubspot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    """A client of one server for all methods."""
    server = start(tmp_path_factory.mktemp("associations") / "calls.db")
    yield HubSpot(access_token=server.token, host=server.url)
    server.stop()


@pytest.fixture
def there(hubspot: HubSpot) -> There:
    """A contact and a company."""
    return new(hubspot)


def new(hubspot: HubSpot) -> There:
    contact = hubspot.crm.contacts.basic_api.create(
        contacts.SimplePublicObjectInputForCreate(properties={"email": f"{uuid4().hex}@example.com"}, associations=[])
    )
    company = hubspot.crm.companies.basic_api.create(
        companies.SimplePublicObjectInputForCreate(properties={"name": "Acme"}, associations=[])
    )
    return There(hubspot, contact.id, company.id)


def test_no_method_is_left_out() -> None:
    public = {
        f"{api}.{name}"
        for api, kind in CLASSES.items()
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
    assert public == {f"{name}{ending}" for name in EXERCISES for ending in ("", INFO)}


@pytest.mark.parametrize("module", [associations, schema, v4, labels], ids=lambda module: module.__name__)
def test_no_class_is_left_out(module: Any) -> None:
    apis = {kind for name, kind in inspect.getmembers(module, inspect.isclass) if name.endswith("Api")}
    assert apis <= {*CLASSES.values(), *LEFT_OUT.values()}


@pytest.mark.parametrize("name", EXERCISES)
def test_a_method_decodes_what_it_is_answered(name: str, hubspot: HubSpot) -> None:
    ask, status, answers = EXERCISES[name]
    api, _, method = name.rpartition(".")
    for ending in ("", INFO):
        answer = getattr(_api(hubspot, api), method + ending)(*ask(new(hubspot)))
        if ending:
            answer, told, _ = answer
            assert told == status
        assert (None if answer is None else type(answer).__name__) == answers
        if answer is not None and hasattr(answer, "results"):
            assert answer.results
            assert {type(result).__module__.split(".")[0] for result in answer.results} == {"hubspot"}


def _api(hubspot: HubSpot, path: str) -> Any:
    found = hubspot.crm.associations
    for part in path.split("."):
        found = getattr(found, part)
    return found


def test_a_batch_read_tells_of_those_that_are_tied_to_nothing(there: There, hubspot: HubSpot) -> None:
    alone = new(hubspot)
    there.tied()
    inputs = [v4.PublicFetchAssociationsBatchRequest(id=id_) for id_ in (there.contact, alone.contact)]
    answer = hubspot.crm.associations.v4.batch_api.get_page(
        *TYPES, v4.BatchInputPublicFetchAssociationsBatchRequest(inputs=inputs)
    )
    assert type(answer).__name__ == "BatchResponsePublicAssociationMultiWithLabelWithErrors"
    [result] = answer.results
    assert (result._from.id, [to.to_object_id for to in result.to]) == (there.contact, [there.company])
    [error] = answer.errors
    assert (error.category, error.context["fromObjectId"]) == ("OBJECT_NOT_FOUND", [alone.contact])


def test_a_batch_create_tells_of_those_that_are_not_there(there: There, hubspot: HubSpot) -> None:
    ends = {"_from": v4.PublicObjectId(id=there.contact), "to": v4.PublicObjectId(id="7")}
    one = v4.PublicAssociationMultiPost(**ends, types=[there.spec()])
    answer = hubspot.crm.associations.v4.batch_api.create(
        *TYPES, v4.BatchInputPublicAssociationMultiPost(inputs=[one, *there.posts().inputs])
    )
    assert type(answer).__name__ == "BatchResponseLabelsBetweenObjectPairWithErrors"
    assert (answer.num_errors, answer.errors[0].message) == (1, "COMPANY=7 is not valid")
    assert [result.to_object_id for result in answer.results] == [there.company]


def test_a_label_goes_from_its_making_to_its_end(there: There, hubspot: HubSpot) -> None:
    kind = there.label()
    api = hubspot.crm.associations.v4
    made = api.basic_api.create(
        "contacts", there.contact, "companies", there.company, [there.spec(kind, "USER_DEFINED")]
    )
    assert len(made.labels) == 1

    def shown() -> list[tuple[str, int]]:
        [result] = api.basic_api.get_page("contacts", there.contact, "companies").results
        return [(type_.category, type_.type_id) for type_ in result.association_types]

    assert shown() == [("HUBSPOT_DEFINED", PLAIN), ("USER_DEFINED", kind)]
    api.schema.definitions_api.remove(*TYPES, kind)
    assert shown() == [("HUBSPOT_DEFINED", PLAIN)]
