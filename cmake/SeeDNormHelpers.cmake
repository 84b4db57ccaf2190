# How every library and tool of the project is declared: static libraries of our
# own code over the MLIR and LLVM *shared* libraries (linking the static ones as
# well would register every pass and dialect twice).

# seednorm_library(Name a.cpp b.cpp LINK Other… DEPENDS tablegen-target…)
function(seednorm_library name)
  cmake_parse_arguments(ARG "" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR LLVM)
  add_dependencies(${name} seednorm-headers ${ARG_DEPENDS})
endfunction()

# seednorm_tool(name a.cpp LINK Library…)
function(seednorm_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
  add_dependencies(${name} seednorm-headers)
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# seednorm_doc(File.td Name generator-flags…): docs/dialects/Name.md by the
# target seednorm-doc.
add_custom_target(seednorm-doc)
function(seednorm_doc td name)
  set(output ${SEEDNORM_BINARY_DIR}/docs/dialects/${name}.md)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${SEEDNORM_BINARY_DIR}/docs/dialects
    COMMAND ${MLIR_TABLEGEN_EXE} ${ARGN} -I ${SEEDNORM_SOURCE_DIR}/include
            -I ${MLIR_INCLUDE_DIRS} ${CMAKE_CURRENT_SOURCE_DIR}/${td} -o ${output}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${td} VERBATIM)
  add_custom_target(seednorm-doc-${name} DEPENDS ${output})
  add_dependencies(seednorm-doc seednorm-doc-${name})
endfunction()
