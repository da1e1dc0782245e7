"""Helper of the tests in this directory.

rewrite SOURCE DIR [FLAG...]   instruments SOURCE, compiled with FLAGs, below DIR and prints the result
same    SOURCE DIR [FLAG...]   checks that the result is the original plus insertions on its lines and comes out of a second
                               run as well, and that with both compilers it has the warnings of the original and, if it
                               has a main(), its output
fires   SOURCE DIR FUNCTION [FLAG...]   prints what the rewritten program prints while the sites of FUNCTION fire

FLAG --rules=... goes to squall, all others to the compilers. Lines of SOURCE with RUN: or CHECK are left out before,
since the result would repeat them and they would match themselves. Sources named *.cpp; Inputs beside SOURCE are copied.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys

STUB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime_stub.cpp")
DIRECTIVE = re.compile(rb"(RUN:|CHECK[A-Z-]*:|XFAIL:|REQUIRES:)")


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def die(message):
    sys.exit(f"check.py: {message}")


def prepare(source, directory, flags):
    """Makes DIRECTORY/src/NAME.cpp and a compilation database; returns the path."""
    shutil.rmtree(directory, ignore_errors=True)
    src = os.path.join(directory, "src")
    os.makedirs(src)
    with open(source, "rb") as file:
        lines = [line for line in file.read().split(b"\n") if not DIRECTIVE.search(line)]
    path = os.path.join(src, os.path.basename(source))
    with open(path, "wb") as file:
        file.write(b"\n".join(lines))
    inputs = os.path.join(os.path.dirname(source), "Inputs")
    if os.path.isdir(inputs):
        for name in os.listdir(inputs):
            if name.endswith((".h", ".inc")):
                shutil.copy(os.path.join(inputs, name), src)
    command = {"directory": directory, "file": path, "arguments": ["g++", *flags, "-c", path, "-o", "x.o"]}
    with open(os.path.join(directory, "compile_commands.json"), "w") as file:
        json.dump([command], file)
    return path


def instrument(squall, directory, rules):
    done = run([squall, "instrument", "-p", directory, "--out", "out", "--verbose", *rules, "src"], cwd=directory)
    if done.returncode != 0:
        die(f"squall instrument gave {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def contents(directory):
    found = {}
    for path, _, names in os.walk(directory):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                found[os.path.relpath(os.path.join(path, name), directory)] = file.read()
    return found


def check_again(squall, directory, rules):
    """A second run knows everything from the first and must say the same."""
    out = os.path.join(directory, "out")
    fresh = contents(out)
    instrument(squall, directory, rules)
    again = contents(out)
    for name in sorted({*fresh, *again}):
        if fresh.get(name) != again.get(name):
            die(f"{name} differs after a second run, which parses nothing")


def is_subsequence(small, big):
    position = 0
    for byte in small:
        position = big.find(byte, position) + 1
        if position == 0:
            return False
    return True


def check_insertions_only(before, after):
    a, b = before.split(b"\n"), after.split(b"\n")
    if len(a) != len(b):
        die(f"{len(a)} lines became {len(b)}")
    for number, (old, new) in enumerate(zip(a, b), 1):
        if not is_subsequence(old, new):
            die(f"line {number} lost something: {old!r} became {new!r}")


def warnings(compiled):
    """(line, text) of each; columns move."""
    found = re.findall(r"^.*?([^/\s:]+):(\d+):\d+: (warning|error): (.*)$", compiled.stderr.decode(), re.MULTILINE)
    return sorted(set(found))


def build(compiler, flags, directory, source, program, instrumented, extra=()):
    """Compiles and, if there is a main(), links."""
    has_main = b"int main(" in open(source, "rb").read()
    command = [compiler, *flags, "-Wall", "-Wextra"]
    if instrumented:
        command += [f"@{directory}/out/squall.flags"]
    obj = program + ".o"
    compiled = run([*command, "-c", source, "-o", obj])
    if compiled.returncode != 0:
        die(f"{compiler} does not compile {source}:\n{compiled.stderr.decode()}")
    if has_main:
        objects = [obj]
        if instrumented:
            stub = program + ".stub.o"
            run([compiler, "-c", STUB, "-o", stub, "-I", f"{directory}/out", *extra], check=True)
            objects.append(stub)
        linked = run([compiler, *objects, "-o", program, "-pthread"])
        if linked.returncode != 0:
            die(f"{compiler} does not link {source}:\n{linked.stderr.decode()}")
    return compiled, has_main


def same(args, rules, flags):
    source = prepare(args.source, args.dir, flags)
    summary = instrument(args.squall, args.dir, rules)
    check_again(args.squall, args.dir, rules)
    rewritten = os.path.join(args.dir, "out", "src", os.path.basename(source))
    for name in os.listdir(os.path.dirname(source)):
        with open(os.path.join(args.dir, "src", name), "rb") as a, open(os.path.join(args.dir, "out", "src", name), "rb") as b:
            check_insertions_only(a.read(), b.read())
    for compiler in (args.gxx, args.clangxx):
        for level in ("-O0", "-O2"):
            name = os.path.join(args.dir, os.path.basename(compiler) + level)
            old, runs = build(compiler, [*flags, level], args.dir, source, name + ".before", False)
            new, _ = build(compiler, [*flags, level], args.dir, rewritten, name + ".after", True)
            if warnings(old) != warnings(new):
                die(f"{compiler} {level} warns otherwise:\n--- before\n{old.stderr.decode()}\n--- after\n{new.stderr.decode()}")
            if runs:
                a, b = run([name + ".before"]), run([name + ".after"])
                if (a.returncode, a.stdout) != (b.returncode, b.stdout):
                    die(f"{compiler} {level}: {a} became {b}")
    print(summary, end="")


def fires(args, rules, flags):
    source = prepare(args.source, args.dir, flags)
    instrument(args.squall, args.dir, rules)
    rewritten = os.path.join(args.dir, "out", "src", os.path.basename(source))
    outputs = []
    for compiler in (args.gxx, args.clangxx):
        name = os.path.join(args.dir, os.path.basename(compiler) + ".armed")
        build(compiler, flags, args.dir, rewritten, name, True, ["-DARMED"])
        done = run([name], env={**os.environ, "SQUALL_TEST_FUNCTION": args.function})
        outputs.append((done.returncode, done.stdout))
    if outputs[0] != outputs[1]:
        die(f"{args.gxx} and {args.clangxx} differ: {outputs}")
    print(outputs[0][1].decode(), end="")


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("what", choices=("rewrite", "same", "fires"))
    parser.add_argument("--squall", required=True)
    parser.add_argument("--gxx")
    parser.add_argument("--clangxx")
    parser.add_argument("source")
    parser.add_argument("dir")
    args, rest = parser.parse_known_args()
    args.dir = os.path.abspath(args.dir)
    if args.what == "fires":
        args.function = rest.pop(0)
    rules = [flag for flag in rest if flag.startswith("--rules=")]
    flags = [flag for flag in rest if not flag.startswith("--rules=")]
    if not any(flag.startswith("-std=") for flag in flags):
        flags.insert(0, "-std=c++20")
    if args.what == "same":
        same(args, rules, flags)
    elif args.what == "fires":
        fires(args, rules, flags)
    else:
        source = prepare(args.source, args.dir, flags)
        summary = instrument(args.squall, args.dir, rules)
        with open(os.path.join(args.dir, "out", "src", os.path.basename(source)), "rb") as file:
            sys.stdout.buffer.write(file.read())
        # Readable by FileCheck after the code.
        print("\n---- summary\n" + summary, end="")


main()
