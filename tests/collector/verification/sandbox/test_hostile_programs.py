"""Programs that want to do harm: held by every tier, and harmful without one.

Each prints a token first, so that a sandbox that merely fails to run it is found.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from .programs import (
    CALL,
    CRASH,
    DAEMON,
    DISK_FILL,
    ENVIRONMENT,
    FLOOD,
    FORK_BOMB,
    KILL,
    LINKS,
    LOOP,
    MEMORY_BOMB,
    MEMORY_BOMB_BY_MANY,
    READ,
    RECURSION,
    THREAD_BOMB,
    WRITE,
)


def lines(output: bytes) -> list[str]:
    return output.decode().splitlines()


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that rights alone do not protect."""
    folder = tmp_path_factory.mktemp("outside")
    for place in (folder, *folder.parents[:2]):
        place.chmod(0o777)
    return folder


def test_an_endless_loop_is_stopped_at_its_time(run):
    outcome = run(LOOP, wall_s=0.7)

    assert (outcome.ending, outcome.exit_code) == ("time", None)
    assert lines(outcome.stdout) == ["ran"]
    assert 0.7 <= outcome.wall_s < 3


def test_an_endless_loop_is_stopped_at_its_processor_time(run):
    outcome = run(LOOP, cpu_s=1, wall_s=20)

    assert outcome.ending == "time"
    assert lines(outcome.stdout) == ["ran"]
    assert outcome.wall_s < 10


def test_without_a_sandbox_the_loop_goes_on(plainly):
    with pytest.raises(subprocess.TimeoutExpired):
        plainly(LOOP, timeout_s=0.5)


def test_a_sleeping_program_is_stopped_at_its_time(run):
    source = "import time\nprint('ran', flush=True)\ntime.sleep(20)"

    outcome = run(source, wall_s=0.7)

    assert outcome.ending == "time"
    assert lines(outcome.stdout) == ["ran"]
    assert outcome.wall_s < 3


@pytest.mark.parametrize("bomb", [FORK_BOMB, THREAD_BOMB], ids=["fork", "thread"])
def test_a_bomb_of_processes_stays_below_the_limit(run, bomb):
    outcome = run(bomb, 60, processes=16)

    ran, made = lines(outcome.stdout)[:2]
    assert ran == "ran"
    assert int(made) < 16


def test_without_a_sandbox_sixty_processes_are_made(plainly):
    assert lines(plainly(FORK_BOMB, 60).stdout)[:2] == ["ran", "60"]


def test_a_memory_bomb_meets_its_limit(run):
    outcome = run(MEMORY_BOMB, memory_bytes=128 * 2**20)

    assert outcome.ending == "memory"
    assert lines(outcome.stdout) == ["ran"]


@pytest.mark.sandbox
def test_many_processes_together_meet_a_limit_of_memory(bubblewrap):
    from collector.verification.sandbox.protocol import Job, Limits

    outcome = bubblewrap.run(
        Job(
            script="a.py",
            files={"a.py": MEMORY_BOMB_BY_MANY.encode()},
            # 12 x 60 MiB; together 2 x 128 + 128 MiB are too many.
            limits=Limits(memory_bytes=128 * 2**20, wall_s=10),
        )
    )

    assert outcome.ending == "memory"
    assert outcome.wall_s < 4


def test_without_a_sandbox_the_memory_is_had(plainly):
    assert lines(plainly(MEMORY_BOMB).stdout) == ["ran", "holds 512"]


def test_a_full_folder_is_noticed(run):
    outcome = run(DISK_FILL, 64, folder_bytes=4 * 2**20, file_bytes=2 * 2**20)

    assert outcome.ending == "disk"
    assert lines(outcome.stdout)[0] == "ran"
    assert sum(map(len, outcome.files.values())) <= 4 * 2**20


def test_one_large_file_is_cut_off(run):
    source = "print('ran', flush=True)\nopen('big.bin', 'wb').write(bytes(8 * 2**20))"

    outcome = run(source, file_bytes=2**20)

    assert lines(outcome.stdout) == ["ran"]
    assert outcome.ending in {"exit", "disk"}
    assert outcome.exit_code != 0
    assert len(outcome.files.get("big.bin", b"")) <= 2**20


def test_without_a_sandbox_the_folder_fills(plainly):
    assert lines(plainly(DISK_FILL, 8).stdout) == ["ran", "wrote 8388608"]


def test_too_many_files_are_noticed(run):
    source = "print('ran')\nfor n in range(300): open(str(n), 'w').close()"

    outcome = run(source, files=100)

    assert outcome.ending == "files"
    assert len(outcome.files) <= 100


def test_files_outside_cannot_be_read(run, outside):
    secret = outside / "secret"
    secret.write_text("hunter2", encoding="utf-8")
    home = Path.home() / ".profile"

    outcome = run(
        READ, secret, f"../../..{secret}", "/etc/passwd", home, "/proc/1/environ"
    )

    ran, got = lines(outcome.stdout)
    assert ran == "ran"
    assert set(json.loads(got)) <= {"/proc/1/environ"}
    assert b"hunter2" not in outcome.stdout


def test_without_a_sandbox_files_outside_are_read(plainly, outside):
    secret = outside / "secret"
    secret.write_text("hunter2", encoding="utf-8")

    got = json.loads(lines(plainly(READ, secret, "/etc/passwd").stdout)[1])

    assert set(got) == {str(secret), "/etc/passwd"}


def test_nothing_outside_can_be_written(run, outside):
    target = outside / "harm"

    outcome = run(WRITE, target, "../harm", "/harm", "/usr/harm", "/etc/harm")

    assert lines(outcome.stdout) == ["ran", str([False] * 5)]
    assert not target.exists()


def test_what_is_written_to_its_temporary_folder_does_not_arrive_in_ours(run):
    name = f"seikaku-test-{secrets.token_hex(8)}"

    outcome = run(WRITE, f"/tmp/{name}")  # noqa: S108 - the guest's

    assert lines(outcome.stdout) == ["ran", "[True]"]
    assert not Path("/tmp", name).exists()  # noqa: S108 - to see that it is not


def test_without_a_sandbox_files_outside_are_written(plainly, outside):
    target = outside / "harm"

    assert lines(plainly(WRITE, target).stdout) == ["ran", "[True]"]
    assert target.read_text(encoding="utf-8") == "harm"


@pytest.fixture
def listeners(outside):
    """Four servers that write down whether anyone came, and their addresses."""
    if sys.platform != "linux":
        pytest.skip("abstract sockets are Linux's")
    abstract = f"seikaku-{secrets.token_hex(8)}"
    path = outside / "socket"
    with ExitStack() as stack:
        stream = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        datagram = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        datagram.bind(("127.0.0.1", 0))
        local = []
        for address in ("\0" + abstract, str(path)):
            server = stack.enter_context(socket.socket(socket.AF_UNIX))
            server.bind(address)
            server.listen()
            local.append(server)
        path.chmod(0o777)
        addresses = (stream.getsockname()[1], datagram.getsockname()[1], abstract, path)
        yield addresses, (stream, datagram, *local)


def reached(servers: tuple[socket.socket, ...]) -> list[bool]:
    found = []
    for server in servers:
        server.settimeout(0)
        try:
            if server.type == socket.SOCK_DGRAM:
                server.recv(16)
            else:
                server.accept()[0].close()
            found.append(True)
        except BlockingIOError:
            found.append(False)
    return found


def test_no_server_of_this_machine_can_be_reached(run, listeners):
    addresses, servers = listeners

    outcome = run(CALL, *addresses)

    # Connecting a datagram socket sends nothing; sending is what counts.
    assert lines(outcome.stdout)[0] == "ran"
    assert len(lines(outcome.stdout)) == 2
    assert reached(servers) == [False] * 4


def test_without_a_sandbox_all_four_servers_are_reached(plainly, listeners):
    addresses, servers = listeners

    assert lines(plainly(CALL, *addresses).stdout) == ["ran", "4"]
    assert reached(servers) == [True] * 4


@pytest.fixture
def victim():
    with subprocess.Popen(
        (sys.executable, "-c", "input()"),
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield process
        process.kill()


def test_no_process_outside_can_be_killed(run, victim):
    outcome = run(KILL, victim.pid)

    assert lines(outcome.stdout) == ["ran", "False"]
    assert victim.poll() is None


def test_without_a_sandbox_another_process_is_killed(plainly, victim):
    assert lines(plainly(KILL, victim.pid).stdout) == ["ran", "True"]
    assert victim.wait(timeout=5) == -9


def test_a_flood_of_output_is_stopped_and_cut(run):
    outcome = run(FLOOD, output_bytes=2**16)

    assert outcome.ending == "output"
    assert outcome.is_output_cut
    assert outcome.stdout.startswith(b"ran")
    assert len(outcome.stdout) == 2**16


def test_without_a_sandbox_the_flood_arrives(plainly):
    assert len(plainly(FLOOD).stdout) == len("ran\n") + 8 * 2**20


def test_links_and_pipes_are_no_results(run, outside):
    secret = outside / "secret"
    secret.write_text("hunter2", encoding="utf-8")
    kept = outside / "kept"
    kept.mkdir()
    (kept / "file").write_text("stays", encoding="utf-8")

    outcome = run(LINKS, secret, kept)

    assert lines(outcome.stdout) == ["ran"]
    assert set(outcome.files) == {"good.csv", "moved.py"}
    assert outcome.files["good.csv"] == b"a,b"
    assert (kept / "file").read_text(encoding="utf-8") == "stays"


def test_without_a_sandbox_a_link_is_read_through(plainly, outside, tmp_path):
    secret = outside / "secret"
    secret.write_text("hunter2", encoding="utf-8")

    plainly(LINKS, secret, outside)

    found = tmp_path / "plain" / "absolute.csv"
    assert found.read_text(encoding="utf-8") == "hunter2"


def left_over(token: str) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if process.pid != os.getpid() and token in (process.info["cmdline"] or ())
    ]


def test_a_daemon_dies_with_the_program_and_holds_nobody_up(run):
    token = secrets.token_hex(8)
    began_s = time.monotonic()

    outcome = run(DAEMON, token)

    assert lines(outcome.stdout)[0] == "ran"
    assert outcome.ending == "exit"
    assert time.monotonic() - began_s < 4
    assert left_over(token) == []


def test_without_a_sandbox_a_daemon_stays(plainly):
    token = secrets.token_hex(8)

    # It holds the pipe as well: only the clock ends the wait.
    with pytest.raises(subprocess.TimeoutExpired):
        plainly(DAEMON, token, timeout_s=1)

    left = left_over(token)
    assert len(left) == 1
    left[0].kill()


def test_the_environment_and_command_lines_hold_no_secret(run, monkeypatch, outside):
    monkeypatch.setenv("SEIKAKU_API_KEY", "hunter2")

    outcome = run(ENVIRONMENT)

    assert lines(outcome.stdout)[0] == "ran"
    assert b"HOME" in outcome.stdout
    assert b"hunter2" not in outcome.stdout
    assert os.fsencode(Path.home()) not in outcome.stdout


def test_without_a_sandbox_secrets_are_read(plainly, monkeypatch):
    monkeypatch.setenv("SEIKAKU_API_KEY", "hunter2")

    assert b"hunter2" in plainly(ENVIRONMENT).stdout


def test_a_crash_is_told_from_an_exit(run):
    outcome = run(CRASH)

    assert lines(outcome.stdout) == ["ran"]
    assert (outcome.ending, outcome.exit_code) == ("signal", None)


def test_without_a_sandbox_the_crash_is_one(plainly):
    finished = plainly(CRASH)

    assert lines(finished.stdout) == ["ran"]
    assert finished.returncode == -11


def test_endless_recursion_ends_the_program_and_nothing_else(run):
    outcome = run(RECURSION, wall_s=3)

    assert lines(outcome.stdout) == ["ran"]
    assert outcome.ending in {"signal", "memory", "time"}
    assert run("print(1)").stdout.split() == [b"1"]
