# Makes the report's page: cmake -DSOURCE=... -DWORK=... -DOUT=... -DNODE=... -DNPM=... -P build.cmake
# The sources are copied, so that node_modules stands in the build tree. npm takes packages from its cache where it
# has them.
file(REMOVE_RECURSE "${WORK}/src" "${WORK}/dist")
file(COPY "${SOURCE}/" DESTINATION "${WORK}" PATTERN node_modules EXCLUDE PATTERN dist EXCLUDE PATTERN test EXCLUDE)

function(step what way_out)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK}" RESULT_VARIABLE result
                    OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT result EQUAL 0)
        message("${said}")
        message(FATAL_ERROR "squall: ${what} failed (see above). ${way_out}")
    endif()
    if(what STREQUAL "embedding")
        string(STRIP "${said}" said)
        message("${said}")
    endif()
endfunction()

file(SHA256 "${WORK}/package-lock.json" wanted)
set(stamp "${WORK}/node_modules/.squall-lock")
set(have "")
if(EXISTS "${stamp}")
    file(READ "${stamp}" have)
endif()
if(NOT have STREQUAL wanted)
    step("npm ci"
         "The report's page is made of npm packages, from npm's registry or its cache. Without them: -DSQUALL_WITH_REPORT=OFF."
         "${NPM}" ci --prefer-offline --ignore-scripts --no-audit --no-fund)
    file(WRITE "${stamp}" "${wanted}")
endif()
step("type checking" "" "${NODE}" node_modules/typescript/bin/tsc -p .)
step("vite" "" "${NODE}" node_modules/vite/bin/vite.js build --logLevel warn)
step("embedding" "" "${NODE}" embed.mjs "${OUT}")
