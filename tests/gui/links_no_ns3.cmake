# Fails when PROGRAM needs a library of ns-3, directly or not.
file(GET_RUNTIME_DEPENDENCIES EXECUTABLES ${PROGRAM} RESOLVED_DEPENDENCIES_VAR found
     UNRESOLVED_DEPENDENCIES_VAR missing)
if(NOT found MATCHES "libQt6Widgets")
  message(FATAL_ERROR "${PROGRAM} does not even need Qt: this test looks at the wrong file")
endif()
foreach(library IN LISTS found missing)
  if(library MATCHES "libns3")
    message(FATAL_ERROR "${PROGRAM} links ${library}")
  endif()
endforeach()
