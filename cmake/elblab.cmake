# Helpers so that each room's CMakeLists.txt is a list of what it holds and what it needs.

# elblab_precompiled(<name> <header> [NEEDS <targets...>])
# Headers of cmake/headers, compiled once, as a target whose result others reuse. They must be
# compiled with the options and definitions of those that reuse them; g++ says so if not.
function(elblab_precompiled name header)
  cmake_parse_arguments(ARG "" "" "NEEDS" ${ARGN})
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "")
  add_library(${name} STATIC EXCLUDE_FROM_ALL ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_NEEDS} elblab_warnings elblab_precompiled_warnings)
  # In brackets: no path of this machine gets into what a compiler cache compares.
  target_precompile_headers(${name} PRIVATE <cmake/headers/${header}>)
endfunction()

# elblab_reuse(<name> <precompiled>): compiles a target with headers of elblab_precompiled.
function(elblab_reuse name precompiled)
  target_precompile_headers(${name} REUSE_FROM ${precompiled})
  target_link_libraries(${name} PRIVATE elblab_precompiled_warnings)
endfunction()

# libstdc++ 12 silences these inside std::string, by pragmas that g++ forgets when it precompiles.
add_library(elblab_precompiled_warnings INTERFACE)
target_compile_options(elblab_precompiled_warnings INTERFACE
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds -Wno-stringop-overflow
                       -Wno-stringop-overread>)

# elblab_library(<name> [WHOLE] SOURCES <files...> [NEEDS <targets...>] [HEADERS <target>])
# A room of the house as a static library. Includes are written from the top of the tree.
# Up to ELBLAB_UNIT_FILES files are compiled as one translation unit, which costs half of what they cost one by
# one: names in unnamed namespaces must differ within a room.
# HEADERS: the precompiled headers, or none; those of the standard library unless given.
# WHOLE compiles the room as one translation unit, so that small functions are inlined across its
# files, and with -O3 (5 % faster worlds than -O2; link-time optimisation brought no more): for the
# rooms that every packet passes.
function(elblab_library name)
  cmake_parse_arguments(ARG "WHOLE" "HEADERS" "SOURCES;NEEDS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ARG_NEEDS} PRIVATE elblab_warnings)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ${ELBLAB_UNITS}
                                             UNITY_BUILD_BATCH_SIZE ${ELBLAB_UNIT_FILES})
    if(ARG_WHOLE)
      set_target_properties(${name} PROPERTIES UNITY_BUILD_BATCH_SIZE 0)
      if(NOT ELBLAB_SANITIZE)
        target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O3>)
      elseif(ELBLAB_SANITIZE STREQUAL "QUICK")  # what every packet passes pays for its optimisation
        target_compile_options(${name} PRIVATE -O1)
      endif()
    elseif(NOT ARG_HEADERS)
      elblab_reuse(${name} elblab_standard_headers)
    elseif(NOT ARG_HEADERS STREQUAL "none")
      elblab_reuse(${name} ${ARG_HEADERS})
    endif()
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${ARG_NEEDS})
  endif()
endfunction()

# elblab_test(<name> SOURCES <files...> NEEDS <targets...> [LABELS <labels...>] [TIMEOUT <seconds>])
# One Boost.Test program, one CTest test. A suite is one room. main() is tests/main.cpp.
function(elblab_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;NEEDS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE ELBLAB_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_NEEDS} elblab_test_main elblab_warnings)
  elblab_reuse(${name} elblab_test_headers)
  add_test(NAME ${name} COMMAND ${name} --log_level=test_suite)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  # 77 is the exit code of a test that could not run here and said why.
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} SKIP_RETURN_CODE 77
                       LABELS "${ARG_LABELS}")
endfunction()
