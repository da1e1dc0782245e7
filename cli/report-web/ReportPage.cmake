# The page of `squall report`, built by vite and put into the executable; sets squall_report_page to its source.
# npm's packages come from its registry at build time, or from its cache.

option(SQUALL_WITH_REPORT "Build the HTML page of squall report (needs node 18 and npm)" ${PROJECT_IS_TOP_LEVEL})

set(squall_report_page src/report_no_page.cpp)
if(SQUALL_WITH_REPORT)
    find_program(SQUALL_NODE NAMES node nodejs)
    find_program(SQUALL_NPM npm)
    mark_as_advanced(SQUALL_NODE SQUALL_NPM)
    if(NOT SQUALL_NODE OR NOT SQUALL_NPM)
        message(FATAL_ERROR
                "squall: node and npm not found, of which the page of `squall report` is made. "
                "On Debian: apt-get install nodejs npm (or ./dev setup). Without the page: -DSQUALL_WITH_REPORT=OFF.")
    endif()
    execute_process(COMMAND "${SQUALL_NODE}" --version OUTPUT_VARIABLE squall_node_version
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    string(REGEX REPLACE "^v" "" squall_node_version "${squall_node_version}")
    if(squall_node_version VERSION_LESS 18)
        message(FATAL_ERROR "squall: ${SQUALL_NODE} is node ${squall_node_version}; the page of `squall report` needs 18. "
                            "Without the page: -DSQUALL_WITH_REPORT=OFF.")
    endif()
    set(squall_report_web "${CMAKE_CURRENT_SOURCE_DIR}/report-web")
    set(squall_report_page "${CMAKE_CURRENT_BINARY_DIR}/report_page_data.cpp")
    set(squall_report_work "${CMAKE_CURRENT_BINARY_DIR}/report-web")
    file(GLOB_RECURSE squall_report_sources CONFIGURE_DEPENDS
         "${squall_report_web}/src/*" "${squall_report_web}/*.json" "${squall_report_web}/*.mjs"
         "${squall_report_web}/*.html" "${squall_report_web}/.npmrc")
    list(FILTER squall_report_sources EXCLUDE REGEX "/(node_modules|test)/")
    add_custom_command(
        OUTPUT "${squall_report_page}"
        COMMAND "${CMAKE_COMMAND}" "-DSOURCE=${squall_report_web}" "-DWORK=${squall_report_work}"
                "-DOUT=${squall_report_page}" "-DNODE=${SQUALL_NODE}" "-DNPM=${SQUALL_NPM}"
                -P "${squall_report_web}/build.cmake"
        DEPENDS ${squall_report_sources} "${squall_report_web}/build.cmake"
        COMMENT "Building the page of squall report"
        VERBATIM)
endif()
