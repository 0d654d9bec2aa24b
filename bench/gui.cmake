if(ELBLAB_GUI)
  add_executable(elblab_bench_gui ${CMAKE_CURRENT_SOURCE_DIR}/gui.cpp)
  target_link_libraries(elblab_bench_gui PRIVATE elblab_gui_application benchmark::benchmark
                        elblab_warnings)
endif()
