# Writes files as C++ string literals, one after the other with commas:
#
#   cmake -D OUTPUT=texts.inc -P EmbedTexts.cmake -- a.json b.json
set(result "")
set(isFile FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  set(argument "${CMAKE_ARGV${i}}")
  if(isFile)
    file(READ "${argument}" text)
    string(APPEND result "R\"embedded(${text})embedded\",\n")
  elseif(argument STREQUAL "--")
    set(isFile TRUE)
  endif()
endforeach()
file(WRITE "${OUTPUT}" "${result}")
