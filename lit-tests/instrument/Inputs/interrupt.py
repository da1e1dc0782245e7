"""interrupt.py SQUALL DIR: interrupts squall while it writes; nothing may be left of the output, and an earlier one must stay."""

import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time

squall, directory = sys.argv[1], os.path.abspath(sys.argv[2])


def attempt(files):
    """Whether the signal came in time."""
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(os.path.join(directory, "src"))
    os.chdir(directory)
    with open("src/a.cpp", "w") as file:
        file.write("void a() {}\n")
    with open("compile_commands.json", "w") as file:
        json.dump([{"directory": directory, "file": "src/a.cpp", "command": "g++ -c src/a.cpp"}], file)
    command = [squall, "instrument", "-p", ".", "--out", "out", "src"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for i in range(files):
        with open(f"src/{i}.txt", "w") as file:
            file.write("text\n")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while process.poll() is None and not glob.glob(".out.squall-*"):
        time.sleep(0.0005)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    if process.returncode == 0:
        return False
    if process.returncode != 130 or said != b"squall: interrupted, nothing is written\n":
        sys.exit(f"it gave {process.returncode} and said {said}")
    if sorted(os.listdir()) != ["compile_commands.json", "out", "src"] or os.listdir("out/src") != ["a.cpp"]:
        sys.exit(f"left behind: {os.listdir()} {os.listdir('out/src')}")
    return True


sys.exit(0 if any(attempt(files) for files in (1000, 4000, 16000)) else "it was never interrupted in time")
