# Writes SCHEMA_DIR/**/*.json into the C++ source OUTPUT, as jsonrpc/schema_files.h declares them.
file(GLOB_RECURSE files RELATIVE ${SCHEMA_DIR} ${SCHEMA_DIR}/*.json)
list(SORT files)

set(piece_size 12000) # compilers need not take string literals above 64 KiB; pieces are joined by the compiler
set(entries "")
foreach(file IN LISTS files)
  file(READ ${SCHEMA_DIR}/${file} text)
  string(LENGTH "${text}" length)
  set(literal "")
  set(start 0)
  while(start LESS length)
    string(SUBSTRING "${text}" ${start} ${piece_size} piece)
    string(APPEND literal "\nR\"json(${piece})json\"")
    math(EXPR start "${start} + ${piece_size}")
  endwhile()
  string(APPEND entries "    {\"${file}\", ${literal}sv},\n")
endforeach()

file(WRITE ${OUTPUT} "// Made from schema/ by embed_schema.cmake.
#include \"wire/jsonrpc/schema_files.h\"

namespace hotplug::wire {

namespace {

using namespace std::string_view_literals;

constexpr SchemaFile files[] = {
${entries}};

} // namespace

std::span<const SchemaFile> schemaFiles()
{
    return files;
}

} // namespace hotplug::wire
")
