# ns-3 as one imported interface target, `ns3`.
#
# Debian's exported targets of ns-3.37 name a libgsl.so that need not be installed, so the
# libraries are looked up one by one. Headers are SYSTEM: they do not compile without warnings.
set(_ns3_modules core network internet point-to-point csma)
set(NS3_LIBRARIES)
foreach(_module IN LISTS _ns3_modules)
  find_library(NS3_${_module}_LIBRARY ns3-${_module})
  mark_as_advanced(NS3_${_module}_LIBRARY)
  list(APPEND NS3_LIBRARIES ${NS3_${_module}_LIBRARY})
  list(APPEND _ns3_required NS3_${_module}_LIBRARY)
endforeach()
find_path(NS3_INCLUDE_DIR ns3/simulator.h)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(NS3 REQUIRED_VARS NS3_INCLUDE_DIR ${_ns3_required})
if(NS3_FOUND AND NOT TARGET ns3)
  add_library(ns3 INTERFACE)
  target_include_directories(ns3 SYSTEM INTERFACE ${NS3_INCLUDE_DIR})
  target_link_libraries(ns3 INTERFACE ${NS3_LIBRARIES})
endif()
