# ccache.sh SQUALL LAUNCHER COMPILER: compiles a.cpp by LAUNCHER, ccache and COMPILER; twice, and after a change in the
# header. Tells of each whether the cache had it, and how many faults and functions of a.h have sites.
set -eu
squall=$1 launcher=$2 compiler=$3
export CCACHE_NOINODECACHE=1 CCACHE_SLOPPINESS=include_file_mtime,include_file_ctime
unset CCACHE_DISABLE
compile() {
    rm -f a.o
    ccache -z > /dev/null
    $launcher ccache $compiler -MD -MF a.d -c a.cpp -o a.o
    if ccache --print-stats | grep -q '^\(direct_cache_hit\|preprocessed_cache_hit\|local_storage_hit\)[[:space:]]*[1-9]'; then
        found=hit
    else
        found=miss
    fi
    echo "$1: $found, $($squall sites a.o --file 'a.h' | grep -c 'function\|return ') sites"
}
cp a.h a.h.before
compile first
compile again
echo 'inline int more() { return 1; }' >> a.h
echo 'int used() { return more(); }' >> a.cpp
compile changed
mv a.h.before a.h
sed -i '$d' a.cpp
