# Helpers so that each room's CMakeLists.txt is a list of what it holds and what it needs.

# elblab_library(<name> [WHOLE] SOURCES <files...> [NEEDS <targets...>])
# A room of the house as a static library. Includes are written from the top of the tree.
# WHOLE compiles the room as one translation unit, so that small functions are inlined across its
# files, and with -O3 (5 % faster worlds than -O2; link-time optimisation brought no more): for the
# rooms that every packet passes. Names in unnamed namespaces must differ there.
function(elblab_library name)
  cmake_parse_arguments(ARG "WHOLE" "" "SOURCES;NEEDS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ARG_NEEDS} PRIVATE elblab_warnings)
    if(ARG_WHOLE)
      set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
      if(NOT ELBLAB_SANITIZE)
        target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O3>)
      endif()
    endif()
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${ARG_NEEDS})
  endif()
endfunction()

# elblab_test(<name> SOURCES <files...> NEEDS <targets...> [LABELS <labels...>] [TIMEOUT <seconds>])
# One Boost.Test program, one CTest test. A suite is one room.
function(elblab_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;NEEDS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE BOOST_TEST_DYN_LINK
                             ELBLAB_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  # The source that defines the module gets main(); a program of several sources has one.
  list(GET ARG_SOURCES 0 first_source)
  set_source_files_properties(${first_source} PROPERTIES COMPILE_DEFINITIONS
                              BOOST_TEST_MODULE=${name})
  target_link_libraries(${name} PRIVATE ${ARG_NEEDS} elblab_warnings
                        Boost::unit_test_framework)
  add_test(NAME ${name} COMMAND ${name} --log_level=test_suite)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  # 77 is the exit code of a test that could not run here and said why.
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} SKIP_RETURN_CODE 77
                       LABELS "${ARG_LABELS}")
endfunction()
