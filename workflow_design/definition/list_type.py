"""The type of fields that hold several values, such as choices or files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any, Final

from workflow_design.definition.fields import Examples, Field, FieldType
from workflow_design.definition.type_families import ReferenceType, is_among

COUNTS: Final = ("minItems", "maxItems")
_MAX_ITEMS: Final = 1_000
_MAX_SUBSETS: Final = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class ListType(FieldType):
    """Several values of another type, none of them twice."""

    item: FieldType
    is_typed: bool = False
    json_type: str = "array"
    keywords: tuple[str, ...] = ("items", "uniqueItems", *COUNTS)
    limits: tuple[str, ...] = COUNTS

    def json_schema(self, field: Field) -> dict[str, Any]:
        """Return the number of items, and the schema of each."""
        schema = FieldType.json_schema(self, field)
        return {**schema, "uniqueItems": True, "items": self.item.json_schema(field)}

    def example(self, field: Field, examples: Examples) -> list[Any]:
        """Return as few items as are allowed, but at least one."""
        source = self.item.source(examples) if isinstance(self.item, ReferenceType) else None
        items = self.item.all_values(field) if source is None else list(source)
        return items[: max(field.min_items or 1, 1)]

    def candidates(self, field: Field, constants: Sequence[Any], *, number: int = 1) -> Iterator[list[Any]]:
        """Yield the subsets of the items that conditions name, each with some of the others beside them."""
        values, least, most = self.item.all_values(field), field.min_items or 1, field.max_items or _MAX_ITEMS
        if not values:
            yield from self._countable(field, constants, number)
            return
        # What it is compared with may name each of them.
        named = [at for at, value in enumerate(values) if number > 1 or is_among(value, constants)]
        others = sorted(set(range(len(values))).difference(named))
        for chosen in _subsets(named):
            fitting = range(max(0, least - len(chosen)), min(len(others), most - len(chosen)) + 1)
            few = (*fitting[:2], *fitting[-1:])
            for count in fitting if len(values) <= _MAX_SUBSETS // 4 else few:
                yield [values[at] for at in sorted((*chosen, *others[:count]))]

    def _countable(self, field: Field, constants: Sequence[Any], number: int) -> Iterator[list[Any]]:
        """Yield lists of items that can't be listed, of each length that can make a difference."""
        least, most = field.min_items or 1, field.max_items or _MAX_ITEMS
        counts = [int(value) for value in constants if isinstance(value, int | float) and 0 <= value < most]
        lengths = {least, most if field.max_items else least, *(c + by for c in counts for by in (0, 1, 2))}
        longest = min(max(lengths), _MAX_ITEMS)
        items = list(self.item.candidates(field, constants, number=number + longest - 1))
        for length in sorted(each for each in lengths if least <= each <= min(most, longest)):
            yield from (items[at : at + length] for at in range(min(number, len(items) - length + 1)))


def _subsets(values: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield all subsets; of many values only small ones, and those that lack few."""
    number = len(values)
    sizes = range(number + 1) if 2**number <= _MAX_SUBSETS else (0, 1, 2, number - 2, number - 1, number)
    yield from chain.from_iterable(combinations(values, size) for size in dict.fromkeys(sizes) if size >= 0)
