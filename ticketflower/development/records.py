"""What `run` has started, kept in a file, so that what outlives a killed `run` can be ended."""

import json
from dataclasses import asdict, dataclass

from ticketflower import environment
from ticketflower.development.processes import Process

FILE = environment.BASE_DIR / "var" / "run.json"


@dataclass(frozen=True)
class Run:
    """A `run`: the address of its site, the process itself, and those it started."""

    address: str
    supervisor: Process
    children: tuple[Process, ...] = ()

    def write(self) -> None:
        """Keep it, in place of any other."""
        FILE.parent.mkdir(parents=True, exist_ok=True)
        unfinished = FILE.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(self)), encoding="utf-8")
        unfinished.replace(FILE)

    @classmethod
    def read(cls) -> "Run | None":
        """The one kept last; None where there is none or the file is of no use."""
        try:
            kept = json.loads(FILE.read_text(encoding="utf-8"))
            children = tuple(Process(**child) for child in kept["children"])
            return cls(kept["address"], Process(**kept["supervisor"]), children)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    @staticmethod
    def forget() -> None:
        """Keep none any longer."""
        FILE.unlink(missing_ok=True)
