"""poison.py SQUALL DIR: shows by what a cache says, after it was given a false word, what was parsed and what was not.

The cache in DIR/out is given another function's name for every site. A unit that is parsed anew tells the true name again.
"""

import os
import shutil
import subprocess
import sys

squall, directory = sys.argv[1:]
os.chdir(directory)


def run(*more):
    subprocess.run([squall, "instrument", "-p", ".", "--out", "out", *more, "src"], check=True, stdout=subprocess.DEVNULL)
    with open("out/squall-sites.json") as file:
        return file.read()


def poison():
    with open("out/.squall-cache", "rb") as file:
        text = file.read()
    # Strings are counted: the same number of bytes.
    for true, false in ((b"read", b"Xead"), (b"\x01\x00\x00\x00\x00\x00\x00\x00a", b"\x01\x00\x00\x00\x00\x00\x00\x00Y"),
                        (b"\x01\x00\x00\x00\x00\x00\x00\x00b", b"\x01\x00\x00\x00\x00\x00\x00\x00Z")):
        text = text.replace(true, false)
    with open("out/.squall-cache", "wb") as file:
        file.write(text)


def functions(text):
    return {name for name in ("read", "Xead", "a", "Y", "b", "Z") if f'"function":"{name}"' in text}


def expect(what, text, *names):
    if functions(text) != set(names):
        sys.exit(f"{what}: {functions(text)}")


def fresh():
    shutil.rmtree("out")
    return run()


fresh()
poison()
expect("nothing changed", run(), "Xead", "Y", "Z")
with open("src/b.cpp", "a") as file:
    file.write("// more\n")
fresh()
poison()
with open("src/b.cpp", "a") as file:
    file.write("// and more\n")
expect("one file", run(), "Xead", "Y", "b")
fresh()
poison()
with open("src/a.h", "a") as file:
    file.write("// more\n")
expect("a header", run(), "read", "a", "Z")
fresh()
poison()
expect("other rules", run("--rules=coverage"), "read", "a", "b")
fresh()
poison()
with open("src/.squall.yaml", "w") as file:
    file.write("rules: [coverage]\n")
expect("a settings file", run(), "read", "a", "b")
os.remove("src/.squall.yaml")
fresh()
with open("out/.squall-cache", "r+b") as file:
    file.truncate(200)
expect("a damaged cache", run(), "read", "a", "b")
after = open("out/squall-sites.json").read()
if after != fresh():
    sys.exit("another output than that of a fresh run")
