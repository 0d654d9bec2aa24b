add_executable(elblab_bench_simulation ${CMAKE_CURRENT_SOURCE_DIR}/simulation.cpp)
target_include_directories(elblab_bench_simulation PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(elblab_bench_simulation PRIVATE elblab_sim benchmark::benchmark
                      elblab_warnings)
