# libpcap as one imported target, `Pcap::Pcap` (Debian: libpcap-dev).
find_path(PCAP_INCLUDE_DIR pcap/pcap.h)
find_library(PCAP_LIBRARY pcap)
mark_as_advanced(PCAP_INCLUDE_DIR PCAP_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Pcap REQUIRED_VARS PCAP_INCLUDE_DIR PCAP_LIBRARY)
if(PCAP_FOUND AND NOT TARGET Pcap::Pcap)
  add_library(Pcap::Pcap UNKNOWN IMPORTED GLOBAL)  # used from rooms other than pcap/
  set_target_properties(Pcap::Pcap PROPERTIES IMPORTED_LOCATION ${PCAP_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${PCAP_INCLUDE_DIR})
endif()
