# squall_add_simulation(<name> [<source>...] [LINK <target>...] [SEEDS <n or a..b>] [TIME <duration>] [PROFILE <name>]
#                       [OPTIONS <option of squall run>...] [ARGUMENTS <argument of the test>...] [JOBS <n>]
#                       [TIMEOUT <seconds>] [LABELS <label>...])
#
# Makes the GoogleTest program <name> out of the sources, linked with squall::simulator and GoogleTest's main function; or
# takes the target <name> that there is, if no sources are given. Adds two tests to ctest:
#
#   <name>           the program by itself: as many seeds as its tests say, in one process
#   <name>.campaign  `squall run` over SEEDS (1000 unless SEEDS or TIME is given), which isolates crashes, hangs and
#                    memory. Its results stay in <name>.db in the binary directory, for `squall report`, `sites` and
#                    `replay`; each run of the test begins them anew.
#
# JOBS (2 unless said) worker processes, which ctest reckons with; LABELS go to both tests, `campaign` to the second as well,
# so that `ctest -LE campaign` leaves it out. TIMEOUT (600 unless said) is for each.
#
# There is no campaign test where SQUALL_CAMPAIGNS is OFF or no squall executable can be found (a build without it, a cross
# build): the program and its plain test stay as they are. SQUALL_EXECUTABLE may name one that is neither built along nor in
# PATH.
option(SQUALL_CAMPAIGNS "Let squall_add_simulation() add tests that call `squall run`" ON)

function(squall_add_simulation name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "SEEDS;TIME;PROFILE;JOBS;TIMEOUT"
                          "LINK;OPTIONS;ARGUMENTS;LABELS")
    if(arg_KEYWORDS_MISSING_VALUES)
        message(FATAL_ERROR "squall_add_simulation(${name}): no value for ${arg_KEYWORDS_MISSING_VALUES}")
    endif()
    set(sources ${arg_UNPARSED_ARGUMENTS})
    if(sources)
        add_executable("${name}" ${sources})
        target_link_libraries("${name}" PRIVATE squall::simulator)
        if(NOT TARGET GTest::gtest_main)
            find_package(GTest REQUIRED)
        endif()
        target_link_libraries("${name}" PRIVATE GTest::gtest GTest::gtest_main)
    elseif(NOT TARGET "${name}")
        message(FATAL_ERROR "squall_add_simulation(${name}): there is neither a target ${name} nor a source for it")
    endif()
    if(arg_LINK)
        target_link_libraries("${name}" PRIVATE ${arg_LINK})
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 600)
    endif()

    add_test(NAME "${name}" COMMAND "${name}" ${arg_ARGUMENTS})
    set_tests_properties("${name}" PROPERTIES TIMEOUT "${arg_TIMEOUT}" LABELS "${arg_LABELS}")

    if(NOT SQUALL_CAMPAIGNS)
        return()
    endif()
    if(TARGET squall::squall)
        set(tool "$<TARGET_FILE:squall::squall>")
    elseif(TARGET squall)
        set(tool "$<TARGET_FILE:squall>")
    else()
        find_program(SQUALL_EXECUTABLE squall)
        mark_as_advanced(SQUALL_EXECUTABLE)
        if(NOT SQUALL_EXECUTABLE)
            message(STATUS "squall_add_simulation(${name}): no squall executable, so no test ${name}.campaign")
            return()
        endif()
        set(tool "${SQUALL_EXECUTABLE}")
    endif()

    set(options "")
    if(arg_SEEDS)
        list(APPEND options --seeds "${arg_SEEDS}")
    elseif(NOT arg_TIME)
        list(APPEND options --seeds 1000)
    endif()
    if(arg_TIME)
        list(APPEND options --time "${arg_TIME}")
    endif()
    if(arg_PROFILE)
        list(APPEND options --profile "${arg_PROFILE}")
    endif()
    if(NOT arg_JOBS)
        set(arg_JOBS 2)
    endif()
    # ctest has shards of its own, which are none of a campaign's.
    add_test(NAME "${name}.campaign"
        COMMAND "${tool}" run --quiet --overwrite --shard 1/1 --jobs "${arg_JOBS}" --campaign "${CMAKE_CURRENT_BINARY_DIR}/${name}.db"
                ${options} ${arg_OPTIONS} -- "$<TARGET_FILE:${name}>" ${arg_ARGUMENTS})
    set_tests_properties("${name}.campaign" PROPERTIES
        TIMEOUT "${arg_TIMEOUT}" PROCESSORS "${arg_JOBS}" LABELS "${arg_LABELS};campaign")
endfunction()
