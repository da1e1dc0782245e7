# What squall is built from. Each is one Debian 12 package, and the error for a missing one names it.

# Lets a project that adds squall as a subdirectory link the libraries below through squall's own.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)

# squall_require(<target> <apt package> <arguments of find_package>...)
# Does nothing when the surrounding project already brought the target.
macro(squall_require target apt_package package)
    if(NOT TARGET ${target})
        find_package(${package} ${ARGN} QUIET)
        if(NOT ${package}_FOUND OR NOT TARGET ${target})
            set(squall_wanted ${package} ${ARGN})
            list(JOIN squall_wanted " " squall_wanted)
            message(FATAL_ERROR
                    "squall: ${target} not found by find_package(${squall_wanted}). "
                    "On Debian: apt-get install ${apt_package} (or ./dev setup for all of them).")
        endif()
    endif()
endmacro()

set(THREADS_PREFER_PTHREAD_FLAG ON)
squall_require(Threads::Threads libc6-dev Threads)
# 1.81 is the first Boost whose Asio has what the simulator's context needs of executors and cancellation.
squall_require(Boost::headers libboost1.81-dev Boost 1.81 CONFIG COMPONENTS headers)
squall_require(Boost::context libboost-context1.81-dev Boost 1.81 CONFIG COMPONENTS context)
squall_require(fmt::fmt libfmt-dev fmt CONFIG)
squall_require(spdlog::spdlog libspdlog-dev spdlog CONFIG)
squall_require(nlohmann_json::nlohmann_json nlohmann-json3-dev nlohmann_json CONFIG)
squall_require(CLI11::CLI11 libcli11-dev CLI11 CONFIG)
squall_require(SQLite::SQLite3 libsqlite3-dev SQLite3)
squall_require(protobuf::libprotobuf-lite libprotobuf-dev Protobuf)
squall_require(GTest::gtest libgtest-dev GTest)
squall_require(GTest::gmock libgmock-dev GTest)
if(SQUALL_BUILD_BENCHMARKS)
    squall_require(benchmark::benchmark libbenchmark-dev benchmark CONFIG)
endif()
# Only what offers TLS needs it, and asks with if(OPENSSL_FOUND).
find_package(OpenSSL QUIET)

if(SQUALL_WITH_CLANG)
    squall_require(LLVM llvm-19-dev LLVM 19.1 CONFIG)
    squall_require(clang-cpp libclang-19-dev Clang 19.1 CONFIG)

    # The two shared libraries, never the static ones beside them: a plugin is loaded into a clang that
    # has these very libraries, and two copies of LLVM in a process abort over doubly registered options.
    add_library(squall_clang INTERFACE)
    add_library(squall::clang ALIAS squall_clang)
    target_link_libraries(squall_clang INTERFACE clang-cpp LLVM)
    target_include_directories(squall_clang SYSTEM INTERFACE ${CLANG_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
    separate_arguments(squall_llvm_definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
    target_compile_definitions(squall_clang INTERFACE ${squall_llvm_definitions})
endif()
