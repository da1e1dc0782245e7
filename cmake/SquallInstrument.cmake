# squall_instrument(<twin> FROM <target> [RULES <rule or group>...])
# squall_instrument(<target> [RULES <rule or group>...])              the twin is <target>_squall
#
# Makes <twin>, a target of the same type as <target> that is built from an instrumented copy of its sources, with the same
# definitions, options, include directories and libraries. <target> itself does not change. Call it when <target> is
# complete: what is added to it later the twin does not have.
#
# The sources of <target> below CMAKE_SOURCE_DIR are rewritten, and with them the headers in its source directory and its own
# include directories. Whoever links the twin includes those headers in their rewritten form. Where <target> links a target
# that has a twin by then, the twin links that twin. Sources that Clang cannot parse are compiled as they are, with a
# message. Needs the generator Ninja or Makefiles, which write compile_commands.json.
#
# SQUALL_EXECUTABLE may name the squall to use where it is neither built along nor found in PATH.
cmake_policy(PUSH)
cmake_policy(SET CMP0116 NEW)  # Ninja is to know the targets of dependency files by its own names
function(squall_instrument twin)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "FROM" "RULES")
    set(from "${arg_FROM}")
    if(NOT from)
        set(from "${twin}")
        set(twin "${from}_squall")
    endif()
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "squall_instrument(${twin}): what is '${arg_UNPARSED_ARGUMENTS}'? Known are FROM and RULES")
    endif()
    if(NOT TARGET "${from}")
        message(FATAL_ERROR "squall_instrument(${twin}): there is no target '${from}'")
    endif()
    if(NOT CMAKE_GENERATOR MATCHES "Ninja|Makefiles")
        message(FATAL_ERROR "squall_instrument(${twin}): ${CMAKE_GENERATOR} writes no compile_commands.json; use Ninja or Makefiles")
    endif()
    get_target_property(aliased "${from}" ALIASED_TARGET)
    if(aliased)
        set(from "${aliased}")
    endif()
    get_target_property(type "${from}" TYPE)
    if(NOT type MATCHES "^(EXECUTABLE|STATIC_LIBRARY|SHARED_LIBRARY|OBJECT_LIBRARY)$")
        message(FATAL_ERROR "squall_instrument(${twin}): ${from} is a ${type}, which has no sources to compile")
    endif()
    if(TARGET squall::squall)
        set(tool "$<TARGET_FILE:squall::squall>")
        set(tool_target squall::squall)
    elseif(TARGET squall)
        set(tool "$<TARGET_FILE:squall>")
        set(tool_target squall)
    else()
        find_program(SQUALL_EXECUTABLE squall REQUIRED)
        set(tool "${SQUALL_EXECUTABLE}")
        set(tool_target "${SQUALL_EXECUTABLE}")
    endif()
    set_target_properties("${from}" PROPERTIES EXPORT_COMPILE_COMMANDS ON)

    # What is rewritten, and what the twin compiles.
    set(root "${CMAKE_SOURCE_DIR}")
    set(out "${CMAKE_CURRENT_BINARY_DIR}/${twin}.squall")
    get_target_property(source_dir "${from}" SOURCE_DIR)
    get_target_property(sources "${from}" SOURCES)
    set(rewritten "")  # relative to the root
    set(compiled "")
    set(products "")
    set(tables "")
    set(others FALSE)  # sources that are compiled as they are, which may include rewritten headers
    set(directories "${source_dir}")
    foreach(source IN LISTS sources)
        if(source MATCHES "\\$<")
            list(APPEND compiled "${source}")
            set(others TRUE)
            continue()
        endif()
        get_filename_component(source "${source}" ABSOLUTE BASE_DIR "${source_dir}")
        _squall_relative(relative "${source}" "${root}")
        if(relative AND EXISTS "${source}" AND source MATCHES "\\.(cc|cpp|cxx|c\\+\\+|C|h|hh|hpp|hxx|ipp|tpp|inc)$")
            list(APPEND rewritten "${relative}")
            list(APPEND compiled "${out}/${relative}")
            list(APPEND products "${out}/${relative}")
            if(source MATCHES "\\.(cc|cpp|cxx|c\\+\\+|C)$")
                # The sites of what this source reads: others' may change without it.
                list(APPEND tables "${out}/squall/tables/${relative}.h")
                set_property(SOURCE "${out}/${relative}" APPEND PROPERTY COMPILE_OPTIONS
                    -include "${out}/squall/tables/${relative}.h")
            endif()
            get_filename_component(directory "${source}" DIRECTORY)
            list(APPEND directories "${directory}")
        else()
            list(APPEND compiled "${source}")
            if(NOT source MATCHES "\\.(c|h|hh|hpp|hxx|ipp|tpp|inc)$")
                set(others TRUE)
            endif()
        endif()
    endforeach()

    # Headers: those beside the sources and in the target's own include directories, but not in the whole of the project.
    get_target_property(own_includes "${from}" INCLUDE_DIRECTORIES)
    get_target_property(public_includes "${from}" INTERFACE_INCLUDE_DIRECTORIES)
    _squall_plain_directories(own_includes "${own_includes}" "${source_dir}")
    _squall_plain_directories(public_includes "${public_includes}" "${source_dir}")
    set(header_roots ${directories})
    foreach(directory IN LISTS own_includes public_includes)
        _squall_relative(relative "${directory}" "${root}")
        string(FIND "${source_dir}/" "${directory}/" above)
        if(relative AND NOT above EQUAL 0)
            list(APPEND header_roots "${directory}")
        endif()
    endforeach()
    list(REMOVE_DUPLICATES header_roots)
    list(REMOVE_DUPLICATES directories)
    set(headers "")
    foreach(directory IN LISTS header_roots)
        set(patterns "")
        foreach(extension IN ITEMS h hh hpp hxx ipp tpp inc)
            list(APPEND patterns "${directory}/*.${extension}")
        endforeach()
        set(depth GLOB_RECURSE)
        if(directory STREQUAL root)
            set(depth GLOB)  # below it may be anything, builds among it
        endif()
        file(${depth} found CONFIGURE_DEPENDS ${patterns})
        list(APPEND headers ${found})
    endforeach()
    foreach(header IN LISTS headers)
        _squall_relative(relative "${header}" "${root}")
        if(relative)
            list(APPEND rewritten "${relative}")
        endif()
    endforeach()
    list(REMOVE_DUPLICATES rewritten)
    set(inputs ${rewritten})
    list(TRANSFORM inputs PREPEND "${root}/")
    set(copies ${rewritten})
    list(TRANSFORM copies PREPEND "${out}/")

    set(rules "")
    if(arg_RULES)
        list(JOIN arg_RULES "," rules)
        set(rules "--rules=${rules}")
    endif()
    # The stamp tells when squall ran; the files keep their times where nothing changed, and with them the objects.
    set(stamp "${CMAKE_CURRENT_BINARY_DIR}/${twin}.squall.stamp")
    add_custom_command(
        OUTPUT "${stamp}"
        # Headers too, or Ninja would look at their times before they are written, and compile only the next time.
        BYPRODUCTS ${copies} ${tables} "${out}/squall/headers.h" "${out}/squall/site.h"
        # 1: something did not parse, which was said and is no reason not to build the rest.
        COMMAND sh -c "\"$@\" || test $? -eq 1" squall "${tool}"
                instrument -p "${CMAKE_BINARY_DIR}" --out "${out}" --depfile "${stamp}.d" ${rules} ${rewritten}
        COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
        DEPENDS "${tool_target}" ${inputs} "${CMAKE_BINARY_DIR}/compile_commands.json"
        DEPFILE "${stamp}.d"  # what else decided how the sources were parsed
        WORKING_DIRECTORY "${root}"
        COMMENT "Instrumenting ${from} as ${twin}"
        VERBATIM)
    add_custom_target("${twin}_sources" DEPENDS "${stamp}")
    get_target_property(before "${from}" MANUALLY_ADDED_DEPENDENCIES)
    if(before)
        add_dependencies("${twin}_sources" ${before})  # they may generate headers
    endif()

    if(type STREQUAL "EXECUTABLE")
        add_executable("${twin}" ${compiled})
    else()
        string(REPLACE "_LIBRARY" "" kind "${type}")
        add_library("${twin}" ${kind} ${compiled})
    endif()
    add_dependencies("${twin}" "${twin}_sources")
    set_source_files_properties(${products} PROPERTIES GENERATED ON)
    foreach(property IN ITEMS
            COMPILE_DEFINITIONS COMPILE_OPTIONS COMPILE_FEATURES LINK_OPTIONS LINK_DIRECTORIES
            INTERFACE_COMPILE_DEFINITIONS INTERFACE_COMPILE_OPTIONS INTERFACE_COMPILE_FEATURES INTERFACE_LINK_OPTIONS
            INTERFACE_SYSTEM_INCLUDE_DIRECTORIES
            CXX_STANDARD CXX_STANDARD_REQUIRED CXX_EXTENSIONS CXX_VISIBILITY_PRESET VISIBILITY_INLINES_HIDDEN
            POSITION_INDEPENDENT_CODE INTERPROCEDURAL_OPTIMIZATION)
        get_target_property(value "${from}" ${property})
        if(NOT value MATCHES "-NOTFOUND$")
            set_property(TARGET "${twin}" PROPERTY ${property} "${value}")
        endif()
    endforeach()
    foreach(property IN ITEMS LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
        get_target_property(libraries "${from}" ${property})
        if(libraries)
            _squall_twins_of(libraries "${libraries}")
            set_property(TARGET "${twin}" PROPERTY ${property} "${libraries}")
        endif()
    endforeach()
    _squall_with_copies(own_includes "${own_includes}" "${root}" "${out}")
    _squall_with_copies(public_includes "${public_includes}" "${root}" "${out}")
    target_include_directories("${twin}" PRIVATE ${own_includes} INTERFACE ${public_includes})
    # For #include "../elsewhere.h" of what was not copied.
    foreach(directory IN LISTS directories)
        target_compile_options("${twin}" PRIVATE "SHELL:-idirafter \"${directory}\"")
    endforeach()
    set(whose INTERFACE)
    if(others)
        set(whose PUBLIC)
    endif()
    target_compile_options("${twin}" ${whose}
        "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include \"${out}/squall/headers.h\">")
    target_compile_options("${twin}" PRIVATE "-fmacro-prefix-map=${out}/=")
    if(TARGET squall::runtime)
        target_link_libraries("${twin}" PUBLIC squall::runtime)
    endif()
    # The sites must come first in each translation unit, and each file keep its own.
    set_target_properties("${twin}" PROPERTIES DISABLE_PRECOMPILE_HEADERS ON UNITY_BUILD OFF)
    set_target_properties("${from}" PROPERTIES SQUALL_TWIN "${twin}")
endfunction()
cmake_policy(POP)

# Sets `result` to `path` relative to `root`, or to nothing if it is not below, or in the build directory.
function(_squall_relative result path root)
    cmake_path(IS_PREFIX root "${path}" NORMALIZE below)
    cmake_path(IS_PREFIX CMAKE_BINARY_DIR "${path}" NORMALIZE built)
    set(relative "")
    if(below AND NOT built)
        file(RELATIVE_PATH relative "${root}" "${path}")
    endif()
    set(${result} "${relative}" PARENT_SCOPE)
endfunction()

# Sets `result` to those of `directories` that are meant for this build, absolute.
function(_squall_plain_directories result directories base)
    set(plain "")
    foreach(directory IN LISTS directories)
        string(REGEX REPLACE "^\\$<BUILD_INTERFACE:(.*)>$" "\\1" directory "${directory}")
        if(directory AND NOT directory MATCHES "^\\$<INSTALL_INTERFACE:|-NOTFOUND$")
            if(NOT directory MATCHES "\\$<")
                get_filename_component(directory "${directory}" ABSOLUTE BASE_DIR "${base}")
            endif()
            list(APPEND plain "${directory}")
        endif()
    endforeach()
    set(${result} "${plain}" PARENT_SCOPE)
endfunction()

# Sets `result` to `directories` with the copies of those below `root` ahead of them.
function(_squall_with_copies result directories root out)
    set(copies "")
    foreach(directory IN LISTS directories)
        if(directory STREQUAL root)
            list(APPEND copies "${out}")
        elseif(NOT directory MATCHES "\\$<")
            _squall_relative(relative "${directory}" "${root}")
            if(relative)
                list(APPEND copies "${out}/${relative}")
            endif()
        endif()
    endforeach()
    set(${result} ${copies} ${directories} PARENT_SCOPE)
endfunction()

# Sets `result` to `libraries` with those that have twins replaced by these.
function(_squall_twins_of result libraries)
    set(all "")
    foreach(library IN LISTS libraries)
        string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" name "${library}")
        set(twin "")
        if(TARGET "${name}")
            get_target_property(aliased "${name}" ALIASED_TARGET)
            if(aliased)
                get_target_property(twin "${aliased}" SQUALL_TWIN)
            else()
                get_target_property(twin "${name}" SQUALL_TWIN)
            endif()
        endif()
        if(twin)
            string(REPLACE "${name}" "${twin}" library "${library}")
        endif()
        list(APPEND all "${library}")
    endforeach()
    set(${result} "${all}" PARENT_SCOPE)
endfunction()

# squall_annotations(<target>)
#
# Keeps the compilers from warning that they do not know [[squall::...]] in the sources of <target>.
function(squall_annotations target)
    # gcc has a flag for one vendor's (-Wno-attributes=squall::), which does not hold for those on statements.
    target_compile_options("${target}" PRIVATE
        "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-attributes>"
        "$<$<COMPILE_LANG_AND_ID:CXX,Clang,AppleClang>:-Wno-unknown-attributes>")
endfunction()
