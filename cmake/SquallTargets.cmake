# How a part of squall declares its libraries and tests, and how they are installed.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)
include(GoogleTest)

# squall_add_library(<name> <source>... [PUBLIC_LINK <target>...] [PRIVATE_LINK <target>...]
#                    [INTERFACE_STANDARD <11|14|17|20>] [INTERNAL])
#
# Makes the static library squall_<name> with the alias squall::<name>, whose public headers stand in
# include/ beside the calling CMakeLists.txt. Without sources it is a library of headers.
# INTERFACE_STANDARD is what its headers ask of those who include them (20 unless said); its own sources
# are C++20 in any case. INTERNAL keeps it out of the installation.
function(squall_add_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "INTERNAL" "INTERFACE_STANDARD" "SOURCES;PUBLIC_LINK;PRIVATE_LINK")
    set(sources ${arg_SOURCES} ${arg_UNPARSED_ARGUMENTS})
    set(target squall_${name})
    if(NOT arg_INTERFACE_STANDARD)
        set(arg_INTERFACE_STANDARD 20)
    endif()

    if(sources)
        add_library(${target} STATIC ${sources})
        set(visible PUBLIC)
        target_link_libraries(${target} PRIVATE ${arg_PRIVATE_LINK})
        squall_warnings(${target})
    else()
        if(arg_PRIVATE_LINK)
            message(FATAL_ERROR "squall_add_library(${name}): PRIVATE_LINK needs sources")
        endif()
        add_library(${target} INTERFACE)
        set(visible INTERFACE)
    endif()
    add_library(squall::${name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    target_compile_features(${target} ${visible} cxx_std_${arg_INTERFACE_STANDARD})
    target_link_libraries(${target} ${visible} ${arg_PUBLIC_LINK})
    target_include_directories(${target} ${visible}
        "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>"
        "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")

    if(NOT arg_INTERNAL)
        set_property(GLOBAL APPEND PROPERTY SQUALL_INSTALLED_LIBRARIES ${name})
        set_property(GLOBAL APPEND PROPERTY SQUALL_INSTALLED_HEADERS "${CMAKE_CURRENT_SOURCE_DIR}/include")
    endif()
endfunction()

# squall_add_test(<name> <source>... [LINK <target>...] [TIMEOUT <seconds>] [LABELS <label>...]
#                 [ENVIRONMENT <variable>=<value>...] [OWN_MAIN])
#
# Makes the GoogleTest program <name>; each of its tests that is not disabled is a test
# <name>.<suite>.<test> of ctest.
# The main function is GoogleMock's, or with OWN_MAIN the program's. TIMEOUT (60 unless said) is for one
# test. The list of tests is asked of the program when ctest starts (PRE_TEST), so that one that cannot
# start fails its tests and not the build.
function(squall_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "OWN_MAIN" "TIMEOUT" "SOURCES;LINK;LABELS;ENVIRONMENT")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    add_executable(${name} ${arg_SOURCES} ${arg_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest)
    if(NOT arg_OWN_MAIN)
        target_link_libraries(${name} PRIVATE GTest::gmock_main)
    endif()
    squall_warnings(${name})
    set(properties TIMEOUT ${arg_TIMEOUT})
    if(arg_LABELS)
        list(APPEND properties LABELS "${arg_LABELS}")
    endif()
    if(arg_ENVIRONMENT)
        list(APPEND properties ENVIRONMENT "${arg_ENVIRONMENT}")
    endif()
    gtest_discover_tests(${name}
        TEST_PREFIX "${name}."
        DISCOVERY_MODE PRE_TEST
        DISCOVERY_TIMEOUT 30
        TEST_FILTER "-*DISABLED_*"
        PROPERTIES ${properties})
endfunction()

# Installs the libraries above and, if it was built, the executable, as the CMake package `squall` whose
# components are the libraries' names. To be called once all parts are there.
function(squall_install)
    get_property(libraries GLOBAL PROPERTY SQUALL_INSTALLED_LIBRARIES)
    get_property(headers GLOBAL PROPERTY SQUALL_INSTALLED_HEADERS)
    list(REMOVE_DUPLICATES headers)

    set(targets ${libraries})
    list(TRANSFORM targets PREPEND squall_)
    if(TARGET squall)
        list(APPEND targets squall)
    endif()
    if(NOT targets)
        return()
    endif()
    set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/squall")

    install(TARGETS ${targets} EXPORT squall)
    install(EXPORT squall FILE squallTargets.cmake NAMESPACE squall:: DESTINATION "${package_dir}")
    foreach(directory IN LISTS headers)
        install(DIRECTORY "${directory}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" OPTIONAL)
    endforeach()

    # The package looks only for what the wanted components link, so that a user of squall::runtime
    # need not have Boost.
    set(squall_component_links "")
    foreach(library IN LISTS libraries)
        get_target_property(links squall_${library} INTERFACE_LINK_LIBRARIES)
        if(NOT links)
            set(links "")
        endif()
        list(TRANSFORM links REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1")
        list(TRANSFORM links REPLACE "^squall_" "squall::")
        string(APPEND squall_component_links "set(_squall_links_${library} \"${links}\")\n")
    endforeach()
    configure_package_config_file(
        "${PROJECT_SOURCE_DIR}/cmake/squallConfig.cmake.in" "${PROJECT_BINARY_DIR}/squallConfig.cmake"
        INSTALL_DESTINATION "${package_dir}")
    write_basic_package_version_file("${PROJECT_BINARY_DIR}/squallConfigVersion.cmake"
        COMPATIBILITY SameMinorVersion)
    install(FILES "${PROJECT_BINARY_DIR}/squallConfig.cmake" "${PROJECT_BINARY_DIR}/squallConfigVersion.cmake"
                  "${PROJECT_SOURCE_DIR}/cmake/SquallAddSimulation.cmake" "${PROJECT_SOURCE_DIR}/cmake/SquallInstrument.cmake"
        DESTINATION "${package_dir}")
    if(TARGET squall_vfs)
        # Where `squall cc` looks for them, beside the executable's directory.
        install(TARGETS squall_vfs squall_clang_plugin DESTINATION lib/squall)
        install(CODE "file(CREATE_LINK squall \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/squall-cc\" SYMBOLIC)")
    endif()
endfunction()
