# squall_warnings(<target>): the warnings that all code of squall is built with.
function(squall_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic)
    if(NOT SQUALL_WERROR)
        return()
    endif()
    target_compile_options(${target} PRIVATE -Werror)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # These come from g++'s flow analysis after inlining and are wrong about parts of libstdc++ and Asio
        # that nobody here can mend: shown, but no error. Clang and the sanitizers look at the same code.
        foreach(warning IN ITEMS array-bounds dangling-pointer free-nonheap-object maybe-uninitialized mismatched-new-delete
                                 restrict stringop-overflow stringop-overread use-after-free)
            target_compile_options(${target} PRIVATE -Wno-error=${warning})
        endforeach()
    endif()
endfunction()
