# The files of docs/actors.md: its first block of CMake, and its blocks of C++ in turn.
/^```cmake/ { out = "CMakeLists.txt"; next }
/^```cpp/ { out = ++blocks == 1 ? "jar_test.cpp" : "visits.cpp"; next }
/^```/ { out = ""; next }
out != "" { print > out }
