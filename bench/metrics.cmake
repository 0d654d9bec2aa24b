add_executable(elblab_bench_metrics ${CMAKE_CURRENT_SOURCE_DIR}/metrics.cpp)
target_include_directories(elblab_bench_metrics PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(elblab_bench_metrics PRIVATE elblab_metrics elblab_reports
                      benchmark::benchmark elblab_warnings)
