add_executable(elblab_bench_live ${CMAKE_CURRENT_LIST_DIR}/live.cpp
                                 ${CMAKE_CURRENT_LIST_DIR}/live_topology.cpp)
target_link_libraries(elblab_bench_live PRIVATE elblab_live_packet_io elblab_forwarding
                      elblab_warnings benchmark::benchmark Threads::Threads)
