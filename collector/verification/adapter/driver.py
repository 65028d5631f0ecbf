"""Calls the code under test inside the sandbox and writes down what it saw.

This file runs there as the program, so it imports nothing of ours, and runs on Python
3.9 and later and on CPython for WASI. Its orders come as the first line of standard
input, the rest of which is the code's. They name the file for what was seen: a name
that stands in no file, so that the code under test does not come by it by chance.
Everything needed after the code has run is taken hold of before, because that code may
replace ``open`` and more.
"""

from __future__ import annotations

import binascii
import builtins
import importlib.util
import io
import json
import os
import pathlib
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

CANDIDATE = "candidate.py"
MESSAGE_CHARS = 2000
_NO_EVENT_LOOP = ("wasi", "emscripten")


def main() -> None:
    """Follow the orders and end as the code under test would have ended."""
    orders = json.loads(_read_line())
    record = _recorder(os.path.join(os.getcwd(), orders["result"]))  # noqa: PTH109, PTH118 - the code under test may patch pathlib
    show = sys.excepthook
    is_call = orders["mode"] == "call"
    sys.argv = [CANDIDATE, *orders["argv"]]
    sys.dont_write_bytecode = True
    seen: dict[str, Any] = {"phase": "import", "returned": None, "raised": None}
    ending: BaseException | None = None
    try:
        arguments = _arguments(orders) if is_call else {}
        if orders["is_japanese_windows"]:
            become_japanese_windows()
        module = _load("candidate" if is_call else "__main__")
        if is_call:
            seen["phase"] = "call"
            value = _call(module, orders, arguments)
            seen["returned"] = render(value, orders["output_suffix"])
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is a finding
        ending = error
        seen["raised"] = _describe(error)
    record(seen)
    if isinstance(ending, SystemExit):
        raise ending
    if ending is not None:
        if not is_call:
            trace = _of_candidate(ending.__traceback__)
            show(type(ending), ending.with_traceback(trace), trace)
        sys.exit(1)


def _read_line() -> bytes:
    """Read one line and not a byte more: the rest is for ``sys.stdin``."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            break
        line += byte
    return bytes(line)


def _recorder(path: str) -> Callable[[Mapping[str, Any]], None]:
    encode = json.JSONEncoder().encode
    open_, write, close = os.open, os.write, os.close
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

    def record(seen: Mapping[str, Any]) -> None:
        left = memoryview((encode(seen) + "\n").encode("ascii"))
        file = open_(path, flags, 0o600)
        while left:
            left = left[write(file, left) :]
        close(file)

    return record


def _load(name: str) -> types.ModuleType:
    """Run the code under test as a module, or as the program itself."""
    spec = importlib.util.spec_from_file_location(name, CANDIDATE)
    if spec is None or spec.loader is None:
        raise ImportError(f"{CANDIDATE} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    if name == "__main__":
        module.__spec__ = None
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _arguments(orders: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each role stands for; only the parsed input needs reading."""
    wanted = {item["role"] for item in orders["made_with"] + orders["arguments"]}
    values = {"in": orders["input"], "out": orders["output"]}
    if wanted & {"obj", "str"}:
        content = pathlib.Path(orders["input"]).read_bytes()
        values["str"] = content.decode("utf-8", "replace")
        if "obj" in wanted:
            values["obj"] = _parse(content.decode("utf-8-sig"), orders["parses"])
    return values


def _parse(text: str, how: str) -> Any:
    if how == "json":
        return json.loads(text)
    if how == "csv":
        import csv  # noqa: PLC0415 - slow in a guest, and seldom needed

        return list(csv.DictReader(io.StringIO(text, newline="")))
    return text.splitlines() if how == "lines" else text


def _call(
    module: types.ModuleType, orders: Mapping[str, Any], values: Mapping[str, Any]
) -> Any:
    target: Any = getattr(module, orders["entry"][0])
    if len(orders["entry"]) > 1:
        if not orders["is_static"]:
            target = _apply(target, orders["made_with"], values)
        target = getattr(target, orders["entry"][1])
    result = _apply(target, orders["arguments"], values)
    if hasattr(result, "__await__"):
        result = _await(result)
    if isinstance(result, Iterator) and not hasattr(result, "read"):
        result = list(result)  # only now does a generator run
    return result


def _apply(
    function: Any, arguments: list[dict[str, Any]], values: Mapping[str, Any]
) -> Any:
    positional, named = [], {}
    for item in arguments:
        value = values[item["role"]]
        if item["is_path"]:
            value = pathlib.Path(value)
        if item["keyword"] is None:
            positional.append(value)
        else:
            named[item["keyword"]] = value
    return function(*positional, **named)


def _await(coroutine: Any) -> Any:
    if sys.platform not in _NO_EVENT_LOOP:
        import asyncio  # noqa: PLC0415 - slow to import, and seldom needed

        async def wait() -> Any:
            return await coroutine

        return asyncio.run(wait())
    # No event loop there; code that never really waits runs through without one.
    steps = coroutine.__await__()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def render(value: Any, suffix: str) -> dict[str, str] | None:
    """Turn a returned value into an output; None: it is none.

    Text, bytes and buffers are one as they are; lines of text are put together. Rows
    and tables in memory count as well: rows of cells are written as CSV, a data frame
    writes itself, lists and dicts become JSON, each only where that is wanted. A list
    of dicts is no CSV: that would be the parsed input of any task.
    """
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, (bytes, bytearray)):
        return {"base64": binascii.b2a_base64(value, newline=False).decode("ascii")}
    if hasattr(value, "getvalue"):
        return render(value.getvalue(), suffix)
    text = {".csv": _as_csv, ".json": _as_json}.get(suffix, _as_lines)(value)
    return None if text is None else {"text": text}


def _as_csv(value: Any) -> str | None:
    if hasattr(value, "to_csv"):
        text = value.to_csv(index=False)
        return text if isinstance(text, str) else None
    is_list = isinstance(value, (list, tuple)) and bool(value)
    if not is_list or not all(isinstance(row, (list, tuple)) for row in value):
        return _as_lines(value)
    import csv  # noqa: PLC0415 - slow in a guest, and seldom needed

    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(value)
    return buffer.getvalue()


def _as_json(value: Any) -> str | None:
    if hasattr(value, "to_json"):
        text = value.to_json(orient="records", force_ascii=False)
        return text if isinstance(text, str) else None
    if not isinstance(value, (list, dict)):
        return None
    return json.dumps(value, ensure_ascii=False)


def _as_lines(value: Any) -> str | None:
    is_list = isinstance(value, (list, tuple)) and bool(value)
    if not is_list or not all(isinstance(line, str) for line in value):
        return None
    return "".join(line.rstrip("\r\n") + "\n" for line in value)


def _describe(error: BaseException) -> dict[str, Any]:
    lines = []
    trace, is_innermost, package = error.__traceback__, False, None
    while trace is not None:
        is_innermost = _is_candidate(trace)
        if is_innermost:
            lines.append(trace.tb_lineno)
        package = _package(trace) or package
        trace = trace.tb_next
    try:
        message = str(error)[:MESSAGE_CHARS]
    except Exception:  # noqa: BLE001 - its own __str__ may do anything
        message = ""
    return {
        "type": type(error).__name__,
        "module": type(error).__module__,
        "bases": [t.__name__ for t in type(error).__mro__ if t is not object],
        "message": message,
        "lines": lines,
        "is_innermost": is_innermost,
        "missing": _missing(error, None if is_innermost else package),
    }


def _missing(error: BaseException, package: Any) -> Any:
    """Return what is not installed, or not whole: a library that fails to import."""
    if isinstance(error, ModuleNotFoundError):
        return error.name
    return package if isinstance(error, ImportError) else None


def _package(trace: types.TracebackType) -> Any:
    name = str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
    return None if name in {"", "importlib", "_frozen_importlib"} else name


def _is_candidate(trace: types.TracebackType) -> bool:
    return os.path.basename(trace.tb_frame.f_code.co_filename) == CANDIDATE  # noqa: PTH119 - the code under test may patch pathlib


def _of_candidate(trace: types.TracebackType | None) -> types.TracebackType | None:
    """Return a traceback without our own frames and the import machinery's."""
    while trace is not None and not _is_candidate(trace):
        trace = trace.tb_next
    return trace


def become_japanese_windows() -> None:
    r"""Let text files open as on a Japanese Windows before Python 3.15.

    Without ``encoding`` text is cp932, and written line ends become ``\r\n``.
    """
    real_open = io.open

    def open_file(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        names = ("buffering", "encoding", "errors", "newline", "closefd", "opener")
        given = {**dict(zip(names, rest)), **named}  # noqa: B905 - new in 3.10
        if "b" not in mode:
            given["encoding"] = _windows_encoding(given.get("encoding"))
            if given.get("newline") is None and set(mode) & set("wax"):
                given["newline"] = "\r\n"
        return real_open(file, mode, **given)

    def open_path(
        self: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> Any:
        return open_file(self, mode, buffering, encoding, errors, newline)

    def read_text(
        self: Any,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> Any:
        with open_path(self, "r", -1, encoding, errors, newline) as file:
            return file.read()

    def write_text(
        self: Any,
        data: str,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> Any:
        if not isinstance(data, str):
            raise TypeError(f"data must be str, not {type(data).__name__}")
        with open_path(self, "w", -1, encoding, errors, newline) as file:
            return file.write(data)

    patched: list[tuple[Any, str, Any]] = [
        (builtins, "open", open_file),
        (io, "open", open_file),
        (io, "text_encoding", lambda encoding, _level=2: _windows_encoding(encoding)),
        (pathlib.Path, "open", open_path),
        (pathlib.Path, "read_text", read_text),
        (pathlib.Path, "write_text", write_text),
    ]
    for owner, name, function in patched:
        setattr(owner, name, function)


def _windows_encoding(encoding: str | None) -> str:
    return "cp932" if encoding in (None, "locale") else str(encoding)


if __name__ == "__main__":
    main()
