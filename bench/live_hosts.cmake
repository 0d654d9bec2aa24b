add_executable(elblab_bench_live_hosts ${CMAKE_CURRENT_LIST_DIR}/live_hosts.cpp)
target_include_directories(elblab_bench_live_hosts PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(elblab_bench_live_hosts PRIVATE elblab_live elblab_language
                      benchmark::benchmark elblab_warnings)
