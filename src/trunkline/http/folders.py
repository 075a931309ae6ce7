"""The operations on folders of lists (behaviour 14.7)."""

from trunkline.crm import segment as rules
from trunkline.crm.segment import Change
from trunkline.http.call import Answer, Call
from trunkline.http.segments import changed, who
from trunkline.wire import folder as wire


async def get(call: Call) -> Answer:
    """Read a folder with all that are in it."""
    shelf = await call.state.store.lists.shelf(call.portal)
    return Answer(call.status, wire.encode(shelf, shelf.place(call.request.query_params.get("folderId") or "0")))


async def create(call: Call) -> Answer:
    """Make a folder."""
    name, parent = wire.decode_draft(call.body)
    return await _shown(call, rules.founded(name, parent, who(call)))


async def rename(call: Call) -> Answer:
    """Give a folder another name."""
    name = call.request.query_params.get("newFolderName", "")
    return await _shown(call, rules.renamed_folder(call.path["folderId"], name, who(call)))


async def move(call: Call) -> Answer:
    """Put a folder into another one."""
    return await _shown(call, rules.moved_folder(call.path["folderId"], call.path["newParentFolderId"], who(call)))


async def delete(call: Call) -> Answer:
    """Delete an empty folder."""
    await _kept(call, rules.deleted_folder(call.path["folderId"], who(call)))
    return Answer(call.status, None)


async def move_list(call: Call) -> Answer:
    """Put a list into a folder."""
    list_, folder = wire.decode_move(call.body)
    await changed(call, rules.put(list_, folder), "list.update")
    return Answer(call.status, None)


async def _shown(call: Call, change: Change) -> Answer:
    id_ = await _kept(call, change)
    return Answer(call.status, wire.encode(await call.state.store.lists.shelf(call.portal), id_))


async def _kept(call: Call, change: Change) -> int:
    """Keeps what becomes of a folder, and returns its id."""
    now = call.now()
    return (await call.state.store.lists.change(call.portal, change, "list.folder", now, call.caller.app)).id
