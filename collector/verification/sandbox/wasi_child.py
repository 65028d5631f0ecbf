"""The process that holds the WASI guest: compiles it once, then runs one job each.

The parent runs this file by its path and may kill it at any time: wasmtime does not
interrupt a guest that sleeps in a call of the host. It imports wasmtime and the
standard library only, so that it starts fast. Its standard streams are the guest's.
"""

import hashlib
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import wasmtime

LOOK_S = 0.05
GRACE_S = 5.0
"""What a parent that lives needs to end this process; after that it is on its own."""

OPEN_FILES = 256


def main(arguments: list[str]) -> int:
    """Compile (``compile WASM SHA256 TARGET``) or run (``run JOB ENDING``)."""
    action, *rest = arguments
    if action == "compile":
        return _compile(Path(rest[0]), rest[1], Path(rest[2]))
    job_path, ending_path = map(Path, rest)
    job = json.loads(job_path.read_text(encoding="utf-8"))
    ending_path.write_text(json.dumps(_run(job)), encoding="utf-8")
    return 0


def _compile(wasm: Path, sha256: str, target: Path) -> int:
    content = wasm.read_bytes()
    # The same bytes are hashed and compiled: the file may be changed in between.
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.stderr.write("its content is not what was asked for\n")
        return 1
    compiled = wasmtime.Module(_engine(), content).serialize()
    with target.open("xb") as file:
        file.write(compiled)
        file.flush()
        os.fsync(file.fileno())
    return 0


def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    config.epoch_interruption = True
    return wasmtime.Engine(config)


def _run(job: dict[str, Any]) -> dict[str, Any]:
    """Run the guest and say how it ended, or why it could not begin."""
    try:
        engine = _engine()
        module = wasmtime.Module.deserialize_file(engine, job["module"])
        store = wasmtime.Store(engine)
        store.set_limits(memory_size=job["memory_bytes"])
        store.set_epoch_deadline(1)
        store.set_wasi(_wasi(job))
        linker = wasmtime.Linker(engine)
        linker.define_wasi()
        start = linker.instantiate(store, module).exports(store)["_start"]
        if not isinstance(start, wasmtime.Func):
            return {"ending": "broken", "message": "the guest is no program"}
        _limit_resources(job)
    except (wasmtime.WasmtimeError, wasmtime.Trap, OSError, KeyError) as error:
        return {"ending": "broken", "message": str(error)}
    watch = threading.Thread(target=_watch, args=(engine, job), daemon=True)
    watch.start()
    try:
        start(store)
    except wasmtime.ExitTrap as trap:
        return {"ending": "exit", "exit_code": trap.code}
    except wasmtime.Trap as trap:
        is_over = trap.trap_code == wasmtime.TrapCode.INTERRUPT
        return {"ending": "time" if is_over else "signal"}
    except wasmtime.WasmtimeError:
        return {"ending": "signal"}
    return {"ending": "exit", "exit_code": 0}


def _wasi(job: dict[str, Any]) -> wasmtime.WasiConfig:
    wasi = wasmtime.WasiConfig()
    wasi.argv = ["python", *job["arguments"]]
    wasi.env = list(job["environment"].items())
    wasi.preopen_dir(job["work"], "/work")
    wasi.preopen_dir(job["temporary"], "/tmp")  # noqa: S108 - the guest's, not ours
    wasi.preopen_dir(job["boot"], "/boot", fs_mutable=False)
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    return wasi


def _limit_resources(job: dict[str, Any]) -> None:
    """Bound files and open files, where the system can (not on Windows).

    Not the address space, of which WebAssembly reserves much more than it uses.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - POSIX only

    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, job["file_bytes"]),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        highest = resource.getrlimit(kind)[1]
        if highest != resource.RLIM_INFINITY:
            limit = min(limit, highest)  # noqa: PLW2901 - the lower of the two
        resource.setrlimit(kind, (limit, limit))


def _watch(engine: wasmtime.Engine, job: dict[str, Any]) -> None:
    """Interrupt the guest after its processor time; end without a parent."""
    began_s = time.monotonic()
    is_interrupted = False
    while True:
        time.sleep(LOOK_S)
        if not is_interrupted and time.process_time() > job["cpu_s"]:
            engine.increment_epoch()
            is_interrupted = True
        if time.monotonic() - began_s > job["wall_s"] + GRACE_S:
            os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
