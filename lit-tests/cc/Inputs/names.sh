# names.sh SQUALL COMPILER: in a directory with src/a.cpp, compares what a plain compilation and one by `squall cc` leave.
set -eu
squall=$1 compiler=$2
flags="-g -O0 -MD -MP -w"
$compiler $flags -MF plain.d -c src/a.cpp -o plain.o
$squall cc -- $compiler $flags -MF sites.d -c src/a.cpp -o sites.o
fail() { echo "$compiler: $*" >&2; exit 1; }

# Every name of debug information, but for the table's own, and no name of a temporary file.
names() { readelf --debug-dump=info,line "$1" 2>/dev/null | grep -o '[^ ]*\.\(cpp\|h\)$' | sort -u; }
names plain.o > plain.names
names sites.o | grep -v '^/squall/squall-sites.h$\|^squall-sites.h$\|^squall.site.h$' > sites.names
diff plain.names sites.names || fail "names in debug information differ"
! strings -a sites.o | grep -q squall-cc || fail "a temporary name got into the object"

# The lines of our files that have code.
lines() { readelf --debug-dump=decodedline "$1" 2>/dev/null | awk '$1 ~ /^a\.(cpp|h)$/ && $2 ~ /^[0-9]+$/ { print $1, $2 }' | sort -u; }
lines plain.o > plain.lines
lines sites.o > sites.lines
diff plain.lines sites.lines || fail "line tables differ"

# Dependencies: the same and, so that a build is made anew when they change, squall and its settings.
dependencies() { tr -d '\\\n' < "$1" | tr ' ' '\n' | grep -v '\.o:' | sort -u; }
dependencies plain.d > plain.deps
dependencies sites.d | grep -v "/squall$\|/\.squall\.yaml$" > sites.deps
diff plain.deps sites.deps || fail "dependencies differ"
grep -q '/\.squall\.yaml' sites.d && grep -q '/squall ' sites.d || fail "squall and its settings are no dependency"

# The program: linked with what the sites need, and doing what it did.
$compiler plain.o -o plain
$squall cc -- $compiler sites.o -o sites
[ "$(./plain)" = "$(./sites)" ] || fail "the programs differ: $(./plain), $(./sites)"
$squall sites sites | grep -q 'error-return.*inc/a.h:2' || fail "no sites"
