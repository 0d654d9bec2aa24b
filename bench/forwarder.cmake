add_executable(bench_forwarder ${CMAKE_CURRENT_LIST_DIR}/forwarder.cpp)
target_link_libraries(bench_forwarder PRIVATE elblab_forwarding elblab_warnings benchmark::benchmark)
