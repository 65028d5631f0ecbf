"""What every tier does for a program that means no harm."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from collector.verification.sandbox.protocol import Job, Limits

ECHO = """
import os, sys
text = sys.stdin.read()
with open("out.csv", "w") as file:
    file.write(text.upper())
print(sys.argv[1:], os.getcwd(), os.path.basename(__file__))
print("trouble", file=sys.stderr)
sys.exit(7)
"""


def test_streams_arguments_files_and_exit_code_come_back(run):
    outcome = run(ECHO, "a b", "日本語", stdin="größe".encode())

    assert (outcome.ending, outcome.exit_code) == ("exit", 7)
    printed = outcome.stdout.decode().strip()
    assert printed == "['a b', '日本語'] /work program.py"
    assert outcome.stderr == b"trouble\n"
    assert outcome.files == {"out.csv": "GRÖSSE".encode()}
    assert not outcome.is_output_cut
    assert 0 < outcome.wall_s < 6


def test_standard_input_is_empty_unless_given(run):
    assert run("import sys; print(repr(sys.stdin.read()))").stdout == b"''\n"


def test_a_program_need_not_read_its_input(run):
    outcome = run("print(1)", stdin=bytes(2**20))

    assert (outcome.exit_code, outcome.stdout) == (0, b"1\n")


def test_a_traceback_has_the_programs_frames_only(run):
    outcome = run("def f():\n    1 / 0\nf()")

    said = outcome.stderr.decode()
    assert (outcome.ending, outcome.exit_code) == ("exit", 1)
    assert said.count('  File "') == said.count('  File "/work/program.py"') == 2
    assert said.splitlines()[-1] == "ZeroDivisionError: division by zero"


def test_modules_beside_the_script_are_imported_and_nothing_is_cached(sandbox):
    files = {"main.py": b"import part\nprint(part.x)", "part.py": b"x = 5"}

    outcome = sandbox.run(Job(script="main.py", files=files))

    assert outcome.stdout == b"5\n"
    assert outcome.files == {}


def test_a_script_in_a_folder_starts_in_the_jobs_folder(sandbox):
    files = {"sub/main.py": b"import os; print(os.listdir('.'))"}

    assert sandbox.run(Job(script="sub/main.py", files=files)).stdout == b"['sub']\n"


def test_a_given_hash_seed_makes_hashes_repeat(sandbox):
    job = Job(
        script="a.py",
        files={"a.py": b"print(hash('x'))"},
        environment={"PYTHONHASHSEED": "7"},
    )

    assert sandbox.run(job).stdout == sandbox.run(job).stdout


def test_each_job_has_a_fresh_folder(run):
    source = "import os; print(os.listdir('.')); open('left', 'w').close()"

    assert run(source).stdout == run(source).stdout == b"['program.py']\n"


def test_temporary_files_work(run):
    source = (
        "import tempfile\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    open(folder + '/x', 'w').write('1')\n"
        "print(tempfile.gettempdir())"
    )

    outcome = run(source)

    assert outcome.stdout == b"/tmp\n"
    assert outcome.files == {}


def test_a_memory_error_that_is_caught_is_no_end(run):
    source = (
        "try:\n    bytearray(2**30)\nexcept MemoryError:\n    print('caught')\n"
        "raise SystemExit(4)"
    )

    outcome = run(source)

    assert (outcome.ending, outcome.exit_code) == ("exit", 4)
    assert outcome.stdout == b"caught\n"


def test_jobs_from_four_threads_do_not_meet(sandbox):
    barrier = threading.Barrier(4)
    source = (
        "import os, sys, time\n"
        "open('mine-' + sys.argv[1], 'w').write(sys.stdin.read())\n"
        "time.sleep(0.2)\n"
        "print(sys.argv[1], sorted(os.listdir('.')))"
    )

    def run(number: int):
        if number < 4:
            barrier.wait(timeout=5)
        return sandbox.run(
            Job(
                script="a.py",
                files={"a.py": source.encode()},
                arguments=(str(number),),
                stdin=str(number).encode() * 100_000,
            )
        )

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(run, range(8)))

    for number, outcome in enumerate(outcomes):
        assert outcome.stdout.decode().split("\n")[0] == (
            f"{number} ['a.py', 'mine-{number}']"
        )
        assert outcome.files == {f"mine-{number}": str(number).encode() * 100_000}


@pytest.mark.sandbox
def test_a_jobs_processes_do_not_count_against_its_neighbours(bubblewrap):
    source = (
        "import threading, time\n"
        "for _ in range(9): threading.Thread(target=time.sleep, args=(0.5,)).start()\n"
        "print('all')"
    )
    job = Job(
        script="a.py", files={"a.py": source.encode()}, limits=Limits(processes=12)
    )

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(bubblewrap.run, [job] * 4))

    assert [outcome.stdout for outcome in outcomes] == [b"all\n"] * 4


@pytest.mark.sandbox
def test_the_command_line_inside_shows_nothing_of_outside(bubblewrap, tmp_path):
    source = b"print(open('/proc/1/cmdline').read())"

    outcome = bubblewrap.run(Job(script="a.py", files={"a.py": source}))

    assert b"--args" in outcome.stdout
    assert b"--bind" not in outcome.stdout


@pytest.mark.sandbox
def test_the_program_in_bubblewrap_is_nobody_and_cannot_become_anyone(bubblewrap):
    source = (
        "import os\n"
        "status = dict(l.split(':', 1) for l in open('/proc/self/status'))\n"
        "print(os.getuid() > 60000, int(status['CapEff'], 16),\n"
        "      int(status['CapBnd'], 16), int(status['NoNewPrivs']))"
    )

    outcome = bubblewrap.run(Job(script="a.py", files={"a.py": source.encode()}))

    assert outcome.stdout == b"True 0 0 1\n"


@pytest.mark.sandbox
def test_of_etc_bubblewrap_shows_only_where_libraries_lie(bubblewrap):
    source = (
        "import os\n"
        "names = sorted(os.listdir('/etc')) if os.path.exists('/etc') else []\n"
        "for name in names: os.stat('/etc/' + name)\n"
        "print(set(names) <= {'alternatives', 'ld.so.cache'})"
    )

    outcome = bubblewrap.run(Job(script="a.py", files={"a.py": source.encode()}))

    assert outcome.stdout == b"True\n", outcome.stderr


@pytest.mark.sandbox
def test_the_wasi_tier_knows_its_guest(wasi):
    assert wasi.tier.name == "wasi"
    assert wasi.tier.guest_python == "3.12.0"
    assert 1 <= wasi.tier.time_factor <= 50
    assert not wasi.tier.has_native


@pytest.mark.sandbox
def test_bubblewrap_knows_its_guest(bubblewrap):
    assert bubblewrap.tier.name == "bubblewrap"
    assert bubblewrap.tier.guest_python.startswith("3.")
    assert bubblewrap.tier.version is not None
    assert bubblewrap.tier.has_native


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX's")
def test_without_a_sandbox_limits_hold_all_the_same(unsafe):
    loop = Job(
        script="a.py",
        files={"a.py": b"print(1)\nwhile True: pass"},
        limits=Limits(wall_s=0.6),
    )
    big = Job(
        script="a.py",
        files={"a.py": b"open('x', 'wb').write(bytes(2**21))"},
        limits=Limits(file_bytes=2**20),
    )

    busy = replace(loop, limits=Limits(wall_s=10, cpu_s=1))

    outcome = unsafe.run(loop)
    assert (outcome.ending, outcome.stdout) == ("time", b"1\n")
    outcome = unsafe.run(busy)
    assert (outcome.ending, outcome.stdout) == ("time", b"1\n")
    assert outcome.wall_s < 8
    assert b"File too large" in unsafe.run(big).stderr


def test_even_without_a_sandbox_no_variable_is_passed_on(unsafe, monkeypatch):
    monkeypatch.setenv("SEIKAKU_API_KEY", "hunter2")
    source = b"import os; print(dict(os.environ))"

    outcome = unsafe.run(Job(script="a.py", files={"a.py": source}))

    assert "HOME" in outcome.stdout.decode()
    assert "hunter2" not in outcome.stdout.decode()
    assert os.environ["SEIKAKU_API_KEY"] == "hunter2"


def test_the_process_around_the_program_gets_no_variable_of_ours(sandbox, monkeypatch):
    # A program may be able to read the environment of its parent.
    monkeypatch.setenv("SEIKAKU_API_KEY", "hunter2")
    seen = []
    started = subprocess.Popen

    def popen(*arguments, **options):
        seen.append(options["env"])
        return started(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", popen)
    sandbox.run(Job(script="a.py", files={"a.py": b"pass"}))

    assert len(seen) == 1
    assert set(seen[0]) <= {"PATH", "PYTHONPATH", "SYSTEMROOT", "TEMP", "TMP"}
