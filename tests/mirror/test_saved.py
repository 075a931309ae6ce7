"""How far the mirror is, kept by both directions in one file."""

from pathlib import Path

from trunkline.mirror.saved import Pulled, Saved


def test_each_direction_keeps_its_own_part_and_leaves_the_other_one(tmp_path: Path) -> None:
    path = tmp_path / "mirror.json"
    pull, forward = Saved(path, "pulled"), Saved(path, "sent")
    for one in (pull, forward):
        one.between(7, "https://there.example")
    pull.state.pulled["calls"] = Pulled(after=5)
    pull.save()
    forward.state.sent = 3
    forward.save()
    pull.state.pulled["calls"].after = 6
    pull.save()
    forward.state.sent = 4
    forward.save()
    kept = Saved(path, "sent").state
    assert (kept.sent, kept.pulled["calls"].after, kept.portal) == (4, 6, 7)


def test_what_the_other_direction_did_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "mirror.json"
    pull, forward = Saved(path, "pulled"), Saved(path, "sent")
    for one in (pull, forward):
        one.between(7, "https://there.example")
    forward.state.sent = 3
    pull.renew()
    assert (pull.state.sent, pull.state.portal) == (None, 7)
    forward.save()
    pull.renew()
    assert pull.state.sent == 3
