"""Lists, maps and optionals by index, key and field; sizes.

A list's index is an int, or at run time a uint or an integral double. A map's keys find each other
by value across number types; a key of any other type is simply not there. An index or field of an
optional value gives an optional: none stays none.

Source: langdef.md, "List Operators", "Map Operators" and "Field Selection"; cel-go's optional types.
"""

from __future__ import annotations

from assentry.errors import EvaluationError, Kind
from assentry.values.declare import Family
from assentry.values.runtime import NONE, Optional, find, type_name
from assentry.values.types import BYTES, DYN, INT, STRING, list_of, map_of, optional_of, param

FAMILY = Family("containers", "Elements, entries and sizes.")

A, B = param("A"), param("B")
_ABSENT = object()
List = list[object]
Map = dict[object, object]

SIZE = FAMILY.function(
    "size",
    "How many code points a string has, bytes has bytes, a list elements or a map entries.",
    ("size('hello')", "5"),
    ("size(b'world!')", "6"),
    ("[1, 2].size()", "2"),
    ("{'a': 1}.size()", "1"),
)
INDEX = FAMILY.function(
    "_[_]",
    "The element at an index, from 0, or the value under a key; of an optional, an optional.",
    ("[7, 8, 9][1]", "8"),
    ("[7, 8, 9][3]", "error: index out of range"),
    ("{'a': 1}['a']", "1"),
    ("{1: 'one'}[dyn(1.0)]", "'one'"),
    ("{'a': 1}['b']", "error: no such key"),
    ("optional.of([1, 2])[1].value()", "2"),
)
OPTIONAL_INDEX = FAMILY.function(
    "_[?_]",
    "The element or value as an optional: none when there is no such index or key.",
    ("[1, 2][?1].orValue(0)", "2"),
    ("[1, 2][?2].orValue(0)", "0"),
    ("{'a': 1}[?'b'].hasValue()", "false"),
)
OPTIONAL_SELECT = FAMILY.function(
    "_?._",
    "A map's value under a name as an optional: none when there is no such name.",
    ("{'a': 1}.?a.orValue(0)", "1"),
    ("{'a': 1}.?b.orValue(0)", "0"),
    ("{'a': {}}.?a.?b.hasValue()", "false"),
)


def position(index: object, length: int) -> int:
    """The index into a list of this length, or -1 when there is no such element.

    Raises EvaluationError(INVALID_ARGUMENT) when it is no integral number.
    """
    if isinstance(index, float):
        if not index.is_integer():
            raise EvaluationError(Kind.INVALID_ARGUMENT, "a list's index must be integral")
        index = int(index)
    if not isinstance(index, int) or isinstance(index, bool):
        raise EvaluationError(Kind.INVALID_ARGUMENT, f"a list's index must be a number, not {type_name(index)}")
    return index if 0 <= index < length else -1


def index_list(items: List, index: int) -> object:
    if 0 <= index < len(items):
        return items[index]
    raise EvaluationError(Kind.INDEX)


def index_list_dynamic(items: List, index: object) -> object:
    found = position(index, len(items))
    if found < 0:
        raise EvaluationError(Kind.INDEX)
    return items[found]


def index_map(entries: Map, key: object) -> object:
    value = find(entries, key, _ABSENT)
    if value is _ABSENT:
        raise EvaluationError(Kind.NO_SUCH_KEY)
    return value


def index_optional(operand: Optional, key: object) -> Optional:
    """`optional[key]`: like `optional[?key]`, as in cel-go."""
    return find_in_optional(operand, key)


def find_in_list(items: List, index: object) -> Optional:
    found = position(index, len(items))
    return NONE if found < 0 else Optional.of(items[found])


def find_in_map(entries: Map, key: object) -> Optional:
    value = find(entries, key, _ABSENT)
    return NONE if value is _ABSENT else Optional.of(value)


def find_in_optional(operand: Optional, key: object) -> Optional:
    if not operand.present:
        return NONE
    held = operand.value
    if isinstance(held, dict):
        return find_in_map(held, key)
    if isinstance(held, list):
        return find_in_list(held, key)
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: index of {type_name(held)}")


def select_optional(operand: object, name: str) -> Optional:
    if isinstance(operand, Optional):
        if not operand.present:
            return NONE
        operand = operand.value
    if isinstance(operand, dict):
        return find_in_map(operand, name)
    raise EvaluationError(Kind.NO_SUCH_OVERLOAD, f"no such overload: field of {type_name(operand)}")


for _kind, _name in ((STRING, "string"), (BYTES, "bytes"), (list_of(A), "list"), (map_of(A, B), "map")):
    SIZE.add(f"size_{_name}", (_kind,), INT, len)
    SIZE.add(f"{_name}_size", (_kind,), INT, len, member=True)

_OPTIONAL_A, _OPTIONAL_B = optional_of(A), optional_of(B)
_OPTIONAL_LIST, _OPTIONAL_MAP = optional_of(list_of(A)), optional_of(map_of(A, B))

INDEX.add("index_list", (list_of(A), INT), A, index_list)
INDEX.add("index_map", (map_of(A, B), A), B, index_map)
INDEX.add("optional_list_index_int", (_OPTIONAL_LIST, INT), _OPTIONAL_A, index_optional)
INDEX.add("optional_map_index_value", (_OPTIONAL_MAP, A), _OPTIONAL_B, index_optional)
INDEX.add("index_list_dyn", (list_of(A), DYN), A, index_list_dynamic, dynamic=True)

OPTIONAL_INDEX.add("list_optindex_optional_int", (list_of(A), INT), _OPTIONAL_A, find_in_list)
OPTIONAL_INDEX.add("map_optindex_optional_value", (map_of(A, B), A), _OPTIONAL_B, find_in_map)
OPTIONAL_INDEX.add("optional_list_optindex_optional_int", (_OPTIONAL_LIST, INT), _OPTIONAL_A, find_in_optional)
OPTIONAL_INDEX.add("optional_map_optindex_optional_value", (_OPTIONAL_MAP, A), _OPTIONAL_B, find_in_optional)
OPTIONAL_INDEX.add("list_optindex_dyn", (list_of(A), DYN), _OPTIONAL_A, find_in_list, dynamic=True)

OPTIONAL_SELECT.add("select_optional_field", (DYN, STRING), _OPTIONAL_A, select_optional)
