"""Which statements may run: one SELECT over the analysts' tables, decided on DuckDB's own syntax tree.

The tree is what runs, so quoting, comments and nesting hide nothing. Everything that is not known to be harmless is
refused: kinds of nodes and tables by allow-list, functions by what they would show (settings, files, environment).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ALLOWED_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
ALLOWED_TABLE_REFS = frozenset(
    {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT"}
)
ALLOWED_TABLE_FUNCTIONS = frozenset({
    "range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row", "generate_subscripts",
    "regexp_split_to_table", "summary",
})  # fmt: skip
# Not histogram, histogram_values: macros that read whatever table their argument names, behind the guard's back.
# Functions that read settings, files, environment, catalog or other connections, or that run text as SQL.
REFUSED_FUNCTION = re.compile(
    r"(duckdb|pragma|pg|sqlite|has|inet|read|parquet|sniff|arrow|pandas|python|enable|disable|register|deregister"
    r"|create|destroy|truncate|which|shobj|obj|col|st|json_execute|json_serialize|json_deserialize|current_setting"
    r"|current_query|current_connection|current_transaction|txid)_.*"
    r"|getenv|getvariable|current_setting|current_query|write_log|parse_duckdb_log_message|in_search_path|glob|query"
    r"|query_table|nextval|currval|checkpoint|force_checkpoint|user_agent|platform|version|stats|copy_database|seq_scan"
    r"|current_connection_id|current_query_id|current_transaction_id|current_user|current_role|session_user|user"
    r"|get_block_size|setval|sleep_ms|map_to_pg_oid|format_pg_type|format_type"
    r"|to_aggregate_state|finalize|combine"  # take bytes of the author's for a state of their own
)
TABLE_KEYS = ("from_table", "left", "right", "source", "table")
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
PATHS: tuple[list[str], ...] = ([], ["main"], ["memory"], ["memory", "main"])  # what may stand before a table's name


# What `check` needs to be told by the DuckDB that would run the statement.
SYSTEM_VIEWS_SQL = "SELECT lower(view_name) FROM duckdb_views() WHERE internal"
SERIALIZE_SQL = "SELECT json_serialize_sql($sql)"


class StatementRefused(Exception):
    """The statement is not one that the sandbox runs; the message says why, in words for its author."""


class StatementBroken(Exception):
    """The statement is no SQL; the message is the parser's."""


@dataclass(frozen=True)
class Names:
    """`tables` may be read, `unlisted` too, though no message names them; `system` are DuckDB's own views, which a
    common table expression may not shadow.
    """

    tables: frozenset[str]
    system: frozenset[str]
    unlisted: frozenset[str] = frozenset()


def check(serialized: str, names: Names) -> None:
    """Look through `json_serialize_sql`'s answer. Raises StatementRefused or StatementBroken."""
    tree = json.loads(serialized)
    if tree.get("error"):
        if tree.get("error_type") == "parser":
            raise StatementBroken(tree.get("error_message", "syntax error"))
        raise StatementRefused("only SELECT runs here")
    if len(tree["statements"]) != 1:
        raise StatementRefused("one statement at a time")
    nodes = list(_nodes(tree["statements"][0]))
    ctes = frozenset(_text(entry["key"]) for node in nodes for entry in node.get("cte_map", {}).get("map", ()))
    shadowing = sorted(ctes & names.system)
    if shadowing:
        raise StatementRefused(f"{shadowing[0]} is taken; give the WITH query another name")
    for node in nodes:
        _check_node(node, names, ctes)


def _check_node(node: dict[str, Any], names: Names, ctes: frozenset[str]) -> None:
    kind = node.get("type")
    if isinstance(kind, str) and kind.endswith("_NODE") and kind not in ALLOWED_NODES:
        raise StatementRefused("only SELECT runs here, also inside WITH")
    for key in TABLE_KEYS:
        reference = node.get(key)
        if isinstance(reference, dict) and "class" not in reference and "type" in reference:
            _check_reference(reference["type"])
    if kind == "BASE_TABLE":
        _check_table(node, names, ctes)
    elif kind == "TABLE_FUNCTION":
        name = _text(node.get("function", {}).get("function_name"))
        if name not in ALLOWED_TABLE_FUNCTIONS:
            raise StatementRefused(f"the table function {name} does not run here")
    elif node.get("class") == "FUNCTION":
        name = _text(node.get("function_name"))
        if REFUSED_FUNCTION.fullmatch(name):
            raise StatementRefused(f"the function {name} does not run here")


def _check_reference(kind: Any) -> None:
    if kind == "SHOW_REF":
        raise StatementRefused("DESCRIBE, SHOW and SUMMARIZE do not run here; SELECT * FROM columns lists every column")
    if kind not in ALLOWED_TABLE_REFS and kind not in ALLOWED_NODES:
        raise StatementRefused(f"{_text(kind).replace('_', ' ')} does not run here")


def _check_table(node: dict[str, Any], names: Names, ctes: frozenset[str]) -> None:
    path = [_text(part) for part in node.get("qualified_name", {}).get("path", [node.get("table_name")])]
    known = names.tables | names.unlisted | (ctes if len(path) == 1 else frozenset())
    if path[-1] in known and path[:-1] in PATHS:
        return
    shown = ".".join(path)
    if len(path) == 1 and PLAIN_NAME.fullmatch(shown) and shown not in names.system:
        raise StatementBroken(f"there is no table {shown}; the tables are {', '.join(sorted(names.tables))}")
    raise StatementRefused(f"{shown} is no table of ViewBox; the tables are {', '.join(sorted(names.tables))}")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the tree, without recursion: a statement may nest deeper than Python's stack."""
    waiting = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _text(name: Any) -> str:
    return str(name).lower()
