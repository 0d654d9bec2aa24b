add_executable(elblab_bench_health ${CMAKE_CURRENT_SOURCE_DIR}/health.cpp)
target_include_directories(elblab_bench_health PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(elblab_bench_health PRIVATE elblab_sim elblab_language benchmark::benchmark
                      elblab_warnings)
