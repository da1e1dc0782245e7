# matrix.sh COMPILER SQUALL RUNTIME_INCLUDE RUNTIME_LIB DIRECTORY: builds the program in every way that compilers and
# linkers have of copying, merging and dropping code, and wants the same catalog from each: from the running program,
# and from its file.
set -eu
compiler=$1 squall=$2 include=$3 lib=$4 out=$5
inputs=$(cd "$(dirname "$0")" && pwd)
rm -rf "$out" && mkdir -p "$out" && cd "$out"

flags="-std=c++17 -fPIC -ffunction-sections -fdata-sections -I $include -fmacro-prefix-map=$inputs/="
$compiler -std=c++20 -fPIC -O1 -I "$include" -c "$inputs/list.cpp" -o list.o
lto_linker=
case $compiler in *clang*) lto_linker="-fuse-ld=lld"; command -v ld.lld-19 >/dev/null || command -v ld.lld >/dev/null || lto_linker=none ;; esac

check() { # NAME: runs ./NAME, whose list must be the first one's
    LD_LIBRARY_PATH=. "./$1" > "$1.list"
    [ -f expected.list ] || cp "$1.list" expected.list
    diff -u expected.list "$1.list" || { echo "differs: $1"; exit 1; }
}
file_check() { # NAME FILE...: the ids that `squall sites` lists of the files together are the catalog's
    name=$1; shift
    for file; do "$squall" sites "$file" | sed -n 's/^\([0-9a-f]\{16\}\) .*/\1/p'; done | sort -u > "$name.ids"
    cut -d' ' -f1 expected.list | sort -u | diff -u - "$name.ids" || { echo "ids differ: $name"; exit 1; }
}

for level in -O0 -O1 -O2 -O3; do
    rm -f -- *.a *.so
    for unit in first second; do
        $compiler $flags $level -c "$inputs/$unit.cpp" -o "$unit$level.o"
    done
    $compiler list.o "first$level.o" "second$level.o" "$lib" -o "plain$level"
    check "plain$level"
    file_check "plain$level" "plain$level"
    $compiler -Wl,--gc-sections list.o "first$level.o" "second$level.o" "$lib" -o "gc$level"
    check "gc$level"
    file_check "gc$level" "gc$level"
    ar rc "libunits$level.a" "first$level.o" "second$level.o"
    $compiler list.o "libunits$level.a" "$lib" -o "archive$level"
    check "archive$level"
    $compiler -static list.o "first$level.o" "second$level.o" "$lib" -o "static$level"
    check "static$level"
    # The runtime in the program, one unit in a library of its own; both have the header's places.
    $compiler -shared "second$level.o" -o "libsecond$level.so"
    $compiler -rdynamic list.o "first$level.o" -Wl,--whole-archive "$lib" -Wl,--no-whole-archive "libsecond$level.so" -o "shared$level"
    check "shared$level"
    file_check "shared$level" "shared$level" "libsecond$level.so"
    if [ "$lto_linker" != none ]; then
        for unit in first second; do
            $compiler $flags $level -flto -c "$inputs/$unit.cpp" -o "$unit$level.lto.o"
        done
        $compiler $lto_linker -flto $level list.o "first$level.lto.o" "second$level.lto.o" "$lib" -o "lto$level"
        check "lto$level"
        file_check "lto$level" "lto$level"
    fi
done
cat expected.list
