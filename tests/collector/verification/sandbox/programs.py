"""Programs that want to do harm; each prints ``ran`` before it does."""

TRY = """
import json, os, sys
print("ran", flush=True)
def can(action):
    try:
        action()
    except Exception:
        return False
    return True
"""

LOOP = """
print("ran", flush=True)
while True:
    try:
        while True: pass
    except BaseException: pass
"""

FORK_BOMB = """
import os, sys, time
print("ran", flush=True)
made = 0
for _ in range(int(sys.argv[1])):
    try:
        if os.fork() == 0:
            time.sleep(0.5)
            os._exit(0)
        made += 1
    except Exception:
        break
print(made)
"""

THREAD_BOMB = """
import sys, threading, time
print("ran", flush=True)
made = 0
for _ in range(int(sys.argv[1])):
    try:
        threading.Thread(target=time.sleep, args=(0.5,)).start()
        made += 1
    except Exception:
        break
print(made)
"""

MEMORY_BOMB = """
print("ran", flush=True)
held = [bytearray(2**23) for _ in range(64)]
print("holds", sum(map(len, held)) // 2**20)
"""

MEMORY_BOMB_BY_MANY = """
import os, time
print("ran", flush=True)
for _ in range(12):
    if os.fork() == 0:
        held = b"x" * (60 * 2**20)
        time.sleep(5)
        os._exit(0)
time.sleep(5)
"""

DISK_FILL = """
import os, sys
print("ran", flush=True)
for number in range(int(sys.argv[1])):
    with open(f"{number}.bin", "wb") as file:
        file.write(bytes(2**20))
print("wrote", sum(os.stat(name).st_size for name in os.listdir(".") if ".bin" in name))
"""

READ = (
    TRY
    + """
got = {}
for path in sys.argv[1:]:
    with_it = lambda: got.update({path: open(path).read()})
    can(with_it)
print(json.dumps(got))
"""
)

WRITE = (
    TRY
    + """
print([can(lambda: open(path, "w").write("harm")) for path in sys.argv[1:]])
"""
)

CALL = (
    TRY
    + """
import socket
here = "127.0.0.1"
port, datagram_port, abstract, path = sys.argv[1:]
def call(family, kind, address):
    caller = socket.socket(family, kind)
    caller.settimeout(1)
    caller.connect(address)
    caller.send(b"secret")
print(sum((
    can(lambda: call(socket.AF_INET, socket.SOCK_STREAM, (here, int(port)))),
    can(lambda: call(socket.AF_INET, socket.SOCK_DGRAM, (here, int(datagram_port)))),
    can(lambda: call(socket.AF_UNIX, socket.SOCK_STREAM, chr(0) + abstract)),
    can(lambda: call(socket.AF_UNIX, socket.SOCK_STREAM, path)),
)))
"""
)

KILL = (
    TRY
    + """
import signal
print(can(lambda: os.kill(int(sys.argv[1]), signal.SIGKILL)))
"""
)

FLOOD = """
import sys
print("ran", flush=True)
for _ in range(8):
    sys.stdout.write("x" * 2**20)
"""

LINKS = (
    TRY
    + """
secret, folder = sys.argv[1:]
open("good.csv", "w").write("a,b")
can(lambda: os.symlink(secret, "absolute.csv"))
can(lambda: os.symlink("../" * 12 + secret.lstrip("/"), "relative.csv"))
can(lambda: os.symlink(folder, "folder"))
can(lambda: os.symlink("good.csv", "inside.csv"))
can(lambda: os.mkfifo("pipe.csv"))
can(lambda: os.mkdir("late"))
can(lambda: os.rename("program.py", "moved.py"))
"""
)

DAEMON = """
import os, sys, time
print("ran", flush=True)
try:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(20)
        os._exit(0)
    os.wait()
except (OSError, AttributeError):
    print("no fork here")
"""

ENVIRONMENT = (
    TRY
    + """
print(dict(os.environ))
for process in ("self", "1", "2", str(os.getppid())):
    can(lambda: print(open(f"/proc/{process}/environ").read()))
    can(lambda: print(open(f"/proc/{process}/cmdline").read()))
"""
)

CRASH = """
import os
print("ran", flush=True)
try:
    import ctypes
    ctypes.string_at(0)
except ImportError:
    os.abort()
"""

RECURSION = """
import sys
print("ran", flush=True)
sys.setrecursionlimit(10**9)
class Endless:
    def __getattr__(self, name):
        return getattr(self, name + "x")
Endless().x
"""
