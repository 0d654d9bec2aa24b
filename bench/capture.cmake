add_executable(elblab_bench_capture ${CMAKE_CURRENT_SOURCE_DIR}/capture.cpp)
target_link_libraries(elblab_bench_capture PRIVATE elblab_pcap Pcap::Pcap elblab_warnings
                      benchmark::benchmark)
