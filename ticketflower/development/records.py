"""A file that records what `run` has started, so that leftovers of a killed `run` can be ended."""

import json
from dataclasses import asdict, dataclass

from ticketflower import environment
from ticketflower.development.processes import Process

FILE = environment.BASE_DIR / "var" / "run.json"


@dataclass(frozen=True)
class Run:
    """A record of a `run`: the address of its site, its own process, and its child processes."""

    address: str
    supervisor: Process
    children: tuple[Process, ...] = ()

    def write(self) -> None:
        """Store this record, replacing any other."""
        FILE.parent.mkdir(parents=True, exist_ok=True)
        # Written to a second file and renamed, so that the record is never incomplete.
        unfinished = FILE.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(self)), encoding="utf-8")
        unfinished.replace(FILE)

    @classmethod
    def read(cls) -> "Run | None":
        """Return the stored record, or None if there is none or the file is invalid."""
        try:
            stored = json.loads(FILE.read_text(encoding="utf-8"))
            children = tuple(Process(**child) for child in stored["children"])
            return cls(stored["address"], Process(**stored["supervisor"]), children)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    @staticmethod
    def forget() -> None:
        """Delete the stored record."""
        FILE.unlink(missing_ok=True)
