"""unwritable.py SQUALL DIR: instruments DIR/src in place where the root cannot be written; all must stay as it was.

Permissions mean nothing to root: the test then makes the place of the originals a file, which no directory can replace.
"""

import os
import subprocess
import sys

squall, directory = sys.argv[1:]
os.chdir(directory)


def snapshot():
    return {path: open(path, "rb").read() for path in ("src/a.cpp", "src/sub/a.h")}


before = snapshot()
with open(".squall", "w") as file:
    file.write("in the way")
done = subprocess.run([squall, "instrument", "-p", ".", "--in-place", "src"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
said = done.stderr.decode()
if done.returncode != 2 or "squall: cannot write" not in said:
    sys.exit(f"it gave {done.returncode} and said {said}")
if snapshot() != before or any(name.startswith(".squall-") for name in os.listdir()):
    sys.exit(f"something was left: {os.listdir()}")
os.remove(".squall")
