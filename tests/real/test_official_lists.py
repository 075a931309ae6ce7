"""HubSpot's own client for Python on lists, method by method: each decodes its answer."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from hubspot import HubSpot
from hubspot.crm import contacts, lists
from server import start

INFO = "_with_http_info"
CLASSES = {
    "lists_api": lists.ListsApi,
    "memberships_api": lists.MembershipsApi,
    "folders_api": lists.FoldersApi,
    "mapping_api": lists.MappingApi,
}
LISTS, MEMBERS, FOLDERS, MAPPING = CLASSES

CONTACTS = "0-1"


class There:
    """What is there before a method is called: a contact in a list by hand, a list by filters, two folders."""

    def __init__(self, hubspot: HubSpot) -> None:
        self.key = uuid4().hex[:8]
        self.api = hubspot.crm.lists
        body = contacts.SimplePublicObjectInputForCreate(properties={"firstname": self.key}, associations=[])
        self.contact = hubspot.crm.contacts.basic_api.create(body).id
        self.hand = self.list(f"hand {self.key}", "MANUAL")
        self.other = self.list(f"other {self.key}", "MANUAL")
        self.filtered = self.list(f"filters {self.key}", "DYNAMIC", named(self.key))
        self.api.memberships_api.add(self.hand, [self.contact])
        self.folder, self.inner = self.make_folder("0"), self.make_folder("0")

    def list(self, name: str, kind: str, branch: Any = None) -> str:
        return str(self.api.lists_api.create(new(name, kind, branch)).list.list_id)

    def make_folder(self, parent: str) -> str:
        body = lists.ListFolderCreateRequest(name=f"folder {self.key}", parent_folder_id=parent)
        return str(self.api.folders_api.create(body).folder.id)


def new(name: str, kind: str, branch: Any = None) -> Any:
    return lists.ListCreateRequest(name=name, object_type_id=CONTACTS, processing_type=kind, filter_branch=branch)


def named(first: str) -> Any:
    """Filters for contacts of a first name, in the client's own words."""
    operation = lists.PublicMultiStringPropertyOperation(
        operation_type="MULTISTRING", operator="IS_EQUAL_TO", include_objects_with_no_value_set=False, values=[first]
    )
    filter_ = lists.PublicPropertyFilter(filter_type="PROPERTY", _property="firstname", operation=operation)
    inner = lists.PublicAndFilterBranch(
        filter_branch_type="AND", filter_branch_operator="AND", filter_branches=[], filters=[filter_]
    )
    return lists.PublicOrFilterBranch(
        filter_branch_type="OR", filter_branch_operator="OR", filter_branches=[inner], filters=[]
    )


def sought(there: There) -> Any:
    return lists.ListSearchRequest(query=there.key, offset=0, count=10, additional_properties=[])


def refilter(there: There) -> Any:
    return lists.ListFilterUpdateRequest(filter_branch=named("other"))


def change(there: There) -> Any:
    return lists.MembershipChangeRequest(record_ids_to_add=[there.contact], record_ids_to_remove=[])


Ask = Callable[[There], tuple[tuple[Any, ...], dict[str, Any]]]
EXERCISES: dict[tuple[str, str], tuple[Ask, int, str | None]] = {
    (LISTS, "create"): (lambda t: ((new(uuid4().hex, "DYNAMIC", named("x")),), {}), 200, "ListCreateResponse"),
    (LISTS, "do_search"): (lambda t: ((sought(t),), {}), 200, "ListSearchResponse"),
    (LISTS, "get_all"): (lambda t: ((), {"list_ids": [t.hand, t.filtered]}), 200, "ListsByIdResponse"),
    (LISTS, "get_by_id"): (lambda t: ((t.filtered,), {"include_filters": True}), 200, "ListFetchResponse"),
    (LISTS, "get_by_name"): (lambda t: ((f"hand {t.key}", CONTACTS), {}), 200, "ListFetchResponse"),
    (LISTS, "remove"): (lambda t: ((t.hand,), {}), 204, None),
    (LISTS, "restore"): (lambda t: ((t.hand,), {}), 204, None),
    (LISTS, "update_list_filters"): (lambda t: ((t.filtered, refilter(t)), {}), 200, "ListUpdateResponse"),
    (LISTS, "update_name"): (lambda t: ((t.hand,), {"list_name": uuid4().hex}), 200, "ListUpdateResponse"),
    (MEMBERS, "add"): (lambda t: ((t.other, [t.contact]), {}), 200, "MembershipsUpdateResponse"),
    (MEMBERS, "add_all_from_list"): (lambda t: ((t.other, t.filtered), {}), 204, None),
    (MEMBERS, "add_and_remove"): (lambda t: ((t.other, change(t)), {}), 200, "MembershipsUpdateResponse"),
    (MEMBERS, "get_lists"): (
        lambda t: ((CONTACTS, t.contact), {}),
        200,
        "ApiCollectionResponseRecordListMembershipNoPaging",
    ),
    (MEMBERS, "get_page"): (lambda t: ((t.filtered,), {"limit": 1}), 200, "ApiCollectionResponseJoinTimeAndRecordId"),
    (MEMBERS, "get_page_ordered_by_added_to_list_date"): (
        lambda t: ((t.hand,), {"limit": 1}),
        200,
        "ApiCollectionResponseJoinTimeAndRecordId",
    ),
    (MEMBERS, "remove"): (lambda t: ((t.hand, [t.contact]), {}), 200, "MembershipsUpdateResponse"),
    (MEMBERS, "remove_all"): (lambda t: ((t.hand,), {}), 204, None),
    (FOLDERS, "create"): (lambda t: ((lists.ListFolderCreateRequest(name="x"),), {}), 200, "ListFolderCreateResponse"),
    (FOLDERS, "get_all"): (lambda t: ((), {"folder_id": t.folder}), 200, "ListFolderFetchResponse"),
    (FOLDERS, "move"): (lambda t: ((t.inner, t.folder), {}), 200, "ListFolderFetchResponse"),
    (FOLDERS, "move_list"): (
        lambda t: ((lists.ListMoveRequest(list_id=t.hand, new_folder_id=t.folder),), {}),
        204,
        None,
    ),
    (FOLDERS, "remove"): (lambda t: ((t.inner,), {}), 204, None),
    (FOLDERS, "rename"): (lambda t: ((t.folder,), {"new_folder_name": "y"}), 200, "ListFolderFetchResponse"),
    (MAPPING, "translate_legacy_list_id_to_list_id"): (
        lambda t: ((), {"legacy_list_id": t.hand}),
        200,
        "PublicMigrationMapping",
    ),
    (MAPPING, "translate_legacy_list_id_to_list_id_batch"): (
        lambda t: (([t.hand, "999999"],), {}),
        200,
        "PublicBatchMigrationMapping",
    ),
}


@pytest.fixture(scope="module")
def hubspot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    server = start(tmp_path_factory.mktemp("official") / "lists.db")
    yield HubSpot(access_token=server.token, host=server.url)
    server.stop()


def test_no_method_is_left_out() -> None:
    public = {
        (place, name.removesuffix(INFO))
        for place, kind in CLASSES.items()
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
    assert public == EXERCISES.keys()


@pytest.mark.parametrize(("place", "method"), EXERCISES, ids=".".join)
def test_a_method_decodes_what_it_is_answered(place: str, method: str, hubspot: HubSpot) -> None:
    ask, expected, kind = EXERCISES[place, method]
    api = getattr(hubspot.crm.lists, place)
    for name in (method, method + INFO):
        arguments, options = ask(There(hubspot))
        answer = getattr(api, name)(*arguments, **options)
        decoded, status = answer[:2] if name.endswith(INFO) else (answer, expected)
        assert status == expected
        assert (None if decoded is None else type(decoded).__name__) == kind
        assert getattr(decoded, "results", [1]) and getattr(decoded, "lists", [1])


def test_a_list_by_filters_page_by_page(hubspot: HubSpot) -> None:
    there = There(hubspot)
    names = [contacts.SimplePublicObjectInputForCreate(properties={"firstname": there.key}, associations=[])] * 4
    hubspot.crm.contacts.batch_api.create(contacts.BatchInputSimplePublicObjectBatchInputForCreate(inputs=names))
    found, after = [], None
    while True:
        page = hubspot.crm.lists.memberships_api.get_page(
            there.filtered, limit=2, **({"after": after} if after else {})
        )
        found += [member.record_id for member in page.results]
        if page.paging is None or page.paging.next is None:
            break
        after = page.paging.next.after
    assert len(found) == 5 == page.total and found == sorted(found) and there.contact in found
    shown = hubspot.crm.lists.lists_api.get_by_id(there.filtered, include_filters=True).list
    assert there.key in str(shown.filter_branch)


def test_a_name_that_is_taken(hubspot: HubSpot) -> None:
    there = There(hubspot)
    with pytest.raises(lists.ApiException) as refused:
        hubspot.crm.lists.lists_api.create(new(f"HAND {there.key}", "MANUAL"))
    assert refused.value.status == 400 and "ILS.DUPLICATE_LIST_NAMES" in refused.value.body
