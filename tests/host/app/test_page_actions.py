"""What the page offers of everyday mode, and how it is begun."""

from __future__ import annotations

import asyncio

from host.app.page_actions import actions_offered
from host.app.wearer_controls import offered
from host.assistant.actions import ACTIONS
from host.errors import ActionError
from host.web.controls import Controls


def test_an_action_is_begun_on_the_loop_and_a_refusal_is_told() -> None:
    begun: list[str] = []
    refused: list[ActionError] = []

    def do(name: str) -> str:
        if name == "undo":
            raise ActionError("there is nothing to undo")
        begun.append(name)
        return "done"

    async def main() -> None:
        controls = actions_offered(do, refused.append)
        assert await asyncio.to_thread(controls.do, {"do": "bookmark"}) == ""
        assert await asyncio.to_thread(controls.do, {"do": "undo"}) == ""
        await asyncio.sleep(0)
        assert begun == ["bookmark"]
        assert [error.message for error in refused] == ["there is nothing to undo"]
        over.append(controls)

    over: list[Controls] = []
    asyncio.run(main())
    assert over[0].do({"do": "bookmark"}) == "Everyday mode has ended."


def test_what_needs_a_tap_is_not_offered_and_no_name_is_one_of_the_wearer_s() -> None:
    async def main() -> set[object]:
        return {one["do"] for one in actions_offered(lambda _name: "", lambda _error: None).offered}

    names = asyncio.run(main())
    assert names == {one.name for one in ACTIONS if not one.needs_tap}
    assert names.isdisjoint(one["do"] for kind in ("frame", "halo") for one in offered(kind, battery=80, loss=0))
