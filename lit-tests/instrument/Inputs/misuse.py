"""Prints what `squall instrument` says of each misused annotation, and that it left the file alone. Argument: squall."""

import json
import subprocess
import sys

MISUSES = [
    "[[squall::fallible]] int n;",
    "struct s { [[squall::fallible]] s() {} };",
    "[[squall::fallible(1)]] void f() {}",
    "[[squall::fallible(1.5)]] int* f() { return nullptr; }",
    "void g(); void f() { [[squall::fallible]] g(); }",
    "[[squall::knob(1)]] int n = 3;",
    "int low(); [[squall::knob(low(), 9)]] int n = 3;",
    "[[squall::knob(9, 1)]] int n = 3;",
    "[[squall::knob(1, 9)]] double x = 3;",
    "[[squall::knob(-1, 9)]] unsigned n = 3;",
    "[[squall::knob(1, 9)]] void f();",
    "void f() { [[squall::skip]] int n = 3; (void)n; }",
    "int f() { [[squall::skip]] return 3; }",
    "[[squall::delay]] int n;",
    "[[squall::sometimes]] void f() {}",
    "[[squall::sometimes(3)]] void f() {}",
    "void g(); void f() { [[squall::ignore]] g(); }",
    "[[squall::ignore]] typedef int number;",
]

with open("compile_commands.json", "w") as file:
    json.dump([{"directory": ".", "file": name, "arguments": ["g++", "-std=c++17", "-c", name]}
               for name in ("a.cpp", "well.cpp")], file)
with open("well.cpp", "w") as file:
    file.write("extern int n;\n")
for text in MISUSES:
    with open("a.cpp", "w") as file:
        file.write(text + "\n")
    done = subprocess.run([sys.argv[1], "instrument", "-p", ".", "--diff", "a.cpp", "well.cpp"], capture_output=True, text=True)
    print(text)
    print(done.stderr.strip())
    if done.returncode != 1 or done.stdout:
        sys.exit(f"exit code {done.returncode}, and this was written: {done.stdout}")
print(len(MISUSES), "misuses")
