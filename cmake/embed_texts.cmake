# Writes text files as C++ string literals into one source file.
#
#   cmake -D OUTPUT=<file.cpp> -D TEMPLATE=<file.cpp.in> -D FOLDER=<top of the tree>
#         -D AREAS=<a.yaml,b.yaml> -D QUESTIONS=<q.yaml> -P embed_texts.cmake
#
# Names are relative to FOLDER. In TEMPLATE, @AREA_TEXTS@ and @QUESTIONS_TEXT@ become the texts as
# `{"name", R"…(text)…"}`.
function(literal name result)
  file(READ "${FOLDER}/${name}" text)
  set(${result} "{\"${name}\", R\"elblab_text(${text})elblab_text\"}" PARENT_SCOPE)
endfunction()

string(REPLACE "," ";" areas "${AREAS}")
set(AREA_TEXTS "")
foreach(area IN LISTS areas)
  literal("${area}" text)
  string(APPEND AREA_TEXTS "      ${text},\n")
endforeach()
literal("${QUESTIONS}" QUESTIONS_TEXT)
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
