find_package(Pcap REQUIRED)
add_executable(elblab_bench_replay ${CMAKE_CURRENT_SOURCE_DIR}/replay.cpp)
target_link_libraries(elblab_bench_replay PRIVATE elblab_replay Pcap::Pcap benchmark::benchmark
                      elblab_warnings)
