"""The process in which one statement of an analyst runs: `python -I -m viewbox.sandbox.child PARENT`.

stdin: a msgpack request. stdout: the result as an Arrow IPC stream. stderr: lines of JSON, nothing else: how far it
is, `{"share": 0.4}`, when someone wants to know, and last the verdict.
What holds a hostile statement: its syntax tree is looked through (guard.py); DuckDB has no external access, no
replacement scans and a locked configuration, and reads Arrow data only; the kernel caps memory and forbids writing
files; the parent kills this process when it overstays.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any

ADDRESS_SPACE_BYTES = 4 * 1024**3  # one scalar call can outgrow DuckDB's own limit: repeat('x', 2000000000)
ROOM_BYTES = 3 * 1024**3  # mapped rather than used: the libraries, threads' stacks and arenas, Arrow's read buffers
BATCH_ROWS = 16_384
PULSE_S = 0.2
NOWHERE = "/nonexistent"  # where DuckDB would look for secrets, extensions and temporary files


class _NoPandas:
    """pyarrow imports pandas when it is installed, which doubles the time this process takes to start."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        del path, target
        if name == "pandas":
            raise ModuleNotFoundError(name)
        return None


class Refusal(Exception):
    """The verdict on a statement that gave no result: `code` is one of the API's, the message is for its author."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def main() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no file can be written, whatever finds a way to open one
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.meta_path.insert(0, _NoPandas)
    try:
        verdict = _answer(sys.stdin.buffer.read())
    except Refusal as refusal:
        verdict = {"code": refusal.code, "message": str(refusal)}
    except MemoryError:
        verdict = {"code": "sql_too_large", "message": "the statement needs more memory than it may have"}
    except Exception as error:  # noqa: BLE001  # whatever happened, no word of it may speak of this machine
        verdict = {"code": "sql_error", "message": f"the statement failed while it ran ({type(error).__name__})"}
    sys.stdout.flush()
    _say(verdict)
    os._exit(0)  # DuckDB's threads may still be at work on rows that nobody will read


def _say(word: dict[str, Any]) -> None:
    os.write(2, json.dumps(word).encode() + b"\n")  # one call, one line: the pulse may speak at the same time


def _beat(parent: int, share: Callable[[], float | None]) -> None:
    """While the statement runs: say how far it is, and end when the parent is gone, whose answer it was."""
    pause = threading.Event()
    said = None
    while os.getppid() == parent:
        now = share()
        if now != said:
            _say({"share": now})
            said = now
        pause.wait(PULSE_S)
    os._exit(1)


def limit_memory(memory_bytes: int) -> None:
    """The kernel's own limit: DuckDB's memory, and the room that the interpreter and its libraries take."""
    most = max(ADDRESS_SPACE_BYTES, memory_bytes + ROOM_BYTES)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _answer(request_bytes: bytes) -> dict[str, Any]:
    from viewbox.sandbox.request import Request  # noqa: PLC0415

    request = Request.decode(request_bytes)
    limit_memory(request.memory_bytes)

    import duckdb  # noqa: PLC0415  # after the limits above

    from viewbox.sandbox.guard import StatementBroken, StatementRefused  # noqa: PLC0415

    began = time.monotonic()
    scans = _scans(request)
    connection = open_tables(request, scans)
    try:
        statement = _checked(connection, request)
        beat = threading.Thread(target=_beat, args=(int(sys.argv[1]), scans.share if scans else _unknown), daemon=True)
        beat.start()
        return _stream(connection, statement, request, began, scans)
    except StatementRefused as error:
        raise Refusal("sql_refused", str(error)) from error
    except StatementBroken as error:
        raise Refusal("sql_error", str(error)) from error
    except (duckdb.InterruptException, duckdb.OutOfMemoryException) as error:
        raise _stopped(error, request, began) from error
    except duckdb.Error as error:
        raise _failed(error, request, began) from error


def _scans(request: Any) -> Any:
    if not request.watched:
        return None
    from viewbox.sandbox.scans import Scans  # noqa: PLC0415  # loads pyarrow.dataset

    return Scans()


def _unknown() -> None:
    return None


def open_tables(request: Any, scans: Any = None) -> Any:
    """A connection that knows the tables and can do nothing else. `scans` counts what is read of them."""
    import duckdb  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    for setting, value in (
        ("TimeZone", "UTC"), ("home_directory", NOWHERE), ("secret_directory", NOWHERE),
        ("extension_directory", NOWHERE), ("temp_directory", ""), ("python_enable_replacements", False),
        ("threads", request.threads), ("memory_limit", f"{request.memory_bytes}B"),
        ("max_execution_time", int(request.seconds * 1000)),
    ):  # fmt: skip
        connection.execute(f"SET GLOBAL {setting} = {_sql_value(value)}")
    for name, ipc in request.tables.items():
        connection.register(name, pa.ipc.open_stream(ipc).read_all())
    for name, dataset in request.datasets.items():
        connection.register(name, _dataset(dataset, scans))
    connection.execute(";".join(request.views))
    for setting in ("enable_external_access", "allow_community_extensions"):
        connection.execute(f"SET GLOBAL {setting} = false")
    connection.execute("SET GLOBAL lock_configuration = true")
    return connection


def _sql_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int) else f"'{value}'"


def _dataset(files: Any, scans: Any) -> Any:
    """A lake table as Arrow data: the files are opened by Arrow, as they are scanned, and pruned by their date."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.dataset as ds  # noqa: PLC0415
    import pyarrow.fs  # noqa: PLC0415

    schema = pa.ipc.read_schema(pa.py_buffer(files.schema))
    dates = [
        ds.field("dt") == pa.scalar(date, pa.string()).cast(pa.date32()) if date else ds.scalar(value=True)
        for date in files.dates
    ]
    dataset = ds.FileSystemDataset.from_paths(
        files.paths, schema=schema, format=ds.ParquetFileFormat(), filesystem=pyarrow.fs.LocalFileSystem(),
        partitions=dates,
    )  # fmt: skip
    if scans is None:
        return dataset
    from viewbox.sandbox.scans import CountedDataset  # noqa: PLC0415

    return CountedDataset.counting(dataset, scans)


def _checked(connection: Any, request: Any) -> str:
    """The statement, alone and without what follows it. Raises StatementRefused and StatementBroken."""
    import duckdb  # noqa: PLC0415

    from viewbox.sandbox.guard import SERIALIZE_SQL, SYSTEM_VIEWS_SQL, Names, check  # noqa: PLC0415

    system = connection.execute(SYSTEM_VIEWS_SQL).fetchall()
    serialized = connection.execute(SERIALIZE_SQL, {"sql": request.sql}).fetchall()[0][0]
    names = Names(frozenset(request.names), frozenset(name for (name,) in system), unlisted=frozenset(request.unlisted))
    check(serialized, names)
    text: str = request.sql
    raw = text.encode()
    ends = [at for at, _ in duckdb.tokenize(text) if raw[at : at + 1] == b";"]
    return raw[: ends[0]].decode() if ends else text


def _stream(connection: Any, statement: str, request: Any, began: float, scans: Any) -> dict[str, Any]:
    """Write the rows to stdout. One row more than the limit is asked for, so that `truncated` is known."""
    import pyarrow as pa  # noqa: PLC0415

    limit = "" if request.rows is None else f" LIMIT {request.rows + 1}"
    wrapped = f"SELECT * FROM (\n{statement}\n) AS q{limit}"  # noqa: S608  # that is what it is for; wording.py knows the line
    if scans is not None:
        scans.expect(connection, wrapped)
    relation = connection.sql(wrapped)
    types = [str(kind).replace('"NULL"', "NULL") for kind in relation.types]  # DuckDB quotes it like a name
    left = request.rows
    truncated = False
    sent_bytes = 0
    reader = relation.to_arrow_reader(BATCH_ROWS)
    with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as writer:
        for full_batch in reader:
            batch = full_batch
            if left is not None:
                truncated = batch.num_rows > left
                batch = batch.slice(0, left)
                left -= batch.num_rows
            sent_bytes += batch.nbytes
            if request.result_bytes is not None and sent_bytes > request.result_bytes:
                raise Refusal("sql_too_large", f"the result is larger than {request.result_bytes} bytes")
            if batch.num_rows:
                writer.write_batch(batch)
    return {"types": types, "truncated": truncated, "elapsed_ms": _elapsed_ms(began)}


def _stopped(error: Exception, request: Any, began: float) -> Refusal:
    import duckdb  # noqa: PLC0415

    if isinstance(error, duckdb.OutOfMemoryException):
        return Refusal("sql_too_large", "the statement needs more memory than it may have")
    return Refusal("sql_timeout", f"the statement took longer than {request.seconds:g} s ({_elapsed_ms(began)} ms)")


def _failed(error: Exception, request: Any, began: float) -> Refusal:
    """Errors about the statement are its author's to read; all others may speak of this machine and are not shown."""
    import duckdb  # noqa: PLC0415

    from viewbox.sandbox.wording import for_author  # noqa: PLC0415

    about_statement = (
        duckdb.ParserException, duckdb.SyntaxException, duckdb.BinderException, duckdb.CatalogException,
        duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException,
        duckdb.InvalidTypeException, duckdb.TypeMismatchException, duckdb.ConstraintException,
        duckdb.NotImplementedException,
    )  # fmt: skip
    words = str(error)
    if "max_execution_time" in words or "execution time" in words.lower():
        return _stopped(error, request, began)
    if isinstance(error, duckdb.PermissionException):
        return Refusal("sql_refused", "the statement asks for something outside the tables")
    if not isinstance(error, about_statement) or _names_a_file(words, request):
        return Refusal("sql_error", "the statement failed while it ran")
    return Refusal("sql_error", for_author(words, request.sql))


def _names_a_file(words: str, request: Any) -> bool:
    """Whether the message speaks of the lake's files: Arrow's own errors arrive as errors about the statement."""
    folders = {os.path.dirname(path) for files in request.datasets.values() for path in files.paths}  # noqa: PTH120
    return any(folder in words for folder in folders) or "errno" in words


def _elapsed_ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


if __name__ == "__main__":
    main()
