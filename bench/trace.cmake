add_executable(elblab_bench_trace ${CMAKE_CURRENT_SOURCE_DIR}/trace.cpp)
target_include_directories(elblab_bench_trace PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(elblab_bench_trace PRIVATE elblab_trace benchmark::benchmark elblab_warnings)
