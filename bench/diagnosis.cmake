add_executable(elblab_bench_diagnosis ${CMAKE_CURRENT_SOURCE_DIR}/diagnosis.cpp)
target_include_directories(elblab_bench_diagnosis PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(elblab_bench_diagnosis PRIVATE elblab_diagnosis benchmark::benchmark
                      elblab_warnings)
