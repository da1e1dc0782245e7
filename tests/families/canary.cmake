# cmake -DPROGRAM=... -P canary.cmake: runs the canary (canary_test.cpp) as a user runs a simulation. It must
# fail, by its assertion, and say which seed does it.
execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env --unset=SQUALL_SEED --unset=SQUALL_SEEDS --unset=SQUALL_FAULTS
        "${PROGRAM}" --gtest_also_run_disabled_tests --gtest_filter=Canary.DISABLED_MustFail
    RESULT_VARIABLE status
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
if(NOT status STREQUAL "1")
    message(FATAL_ERROR "the canary ended with '${status}', not 1: the simulator has lost its teeth\n${output}")
endif()
foreach(wanted
        "seed [1-5]: assertion: a request is answered at once, and once"
        "again: SQUALL_SEED=[1-5] "
        "FAILED.*Canary\\.DISABLED_MustFail")
    if(NOT output MATCHES "${wanted}")
        message(FATAL_ERROR "the canary failed without '${wanted}'\n${output}")
    endif()
endforeach()
