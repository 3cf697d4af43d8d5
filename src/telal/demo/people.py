"""The people of the demonstration, through the simulator's control API: new phones, opened links, a tap on *Počni*."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from telal.demo.web import Site


@dataclass(frozen=True, slots=True)
class Phone:
    simulator: Site
    id: str
    name: str

    @classmethod
    def new(cls, simulator: Site, name: str) -> "Phone":
        return cls(simulator, simulator.ask("POST", "/control/phones", {"name": name})["id"], name)

    def connect(self, link: str) -> None:
        """Open the chat by the link of a slip, and tap *Počni* where the chat is new."""
        if not self._do("open", link=link)["phone"]["subscribed"]:
            self._do("press", button="Počni")

    def _do(self, action: str, **what: str) -> Any:
        return self.simulator.ask("POST", f"/control/phones/{quote(self.id, safe='')}/{action}", what)
