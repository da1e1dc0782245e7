"""lint.py SQUALL SOURCE DIR [ARGUMENT...]: lints a copy of SOURCE and fails unless what is found is what its comments say.

A line ending in "// finds CHECK..." must have exactly these findings (without "squall-"), every other line none.
"""

import json
import os
import re
import shutil
import subprocess
import sys

squall, source, directory, *arguments = sys.argv[1:]
shutil.rmtree(directory, ignore_errors=True)
os.makedirs(directory)
name = os.path.basename(source)
shutil.copy(source, os.path.join(directory, name))
with open(os.path.join(directory, "compile_commands.json"), "w") as file:
    json.dump([{"directory": directory, "file": name, "arguments": ["g++", "-std=c++20", "-c", name]}], file)
done = subprocess.run([squall, "lint", "-p", ".", "--json", *arguments, name], cwd=directory, stdout=subprocess.PIPE)
found = {}
for each in json.loads(done.stdout)["findings"]:
    if not each["suppressed"]:
        found.setdefault(each["line"], []).append(each["check"].removeprefix("squall-"))
wanted = {}
with open(source) as file:
    for number, line in enumerate(file, 1):
        said = re.search(r"// finds ([a-z\- ]+)$", line)
        if said:
            wanted[number] = said.group(1).split()
for number in sorted(set(found) | set(wanted)):
    if sorted(found.get(number, [])) != sorted(wanted.get(number, [])):
        sys.exit(f"line {number}: wanted {wanted.get(number, [])}, found {found.get(number, [])}")
if done.returncode != (1 if wanted else 0):
    sys.exit(f"exit code {done.returncode}")
