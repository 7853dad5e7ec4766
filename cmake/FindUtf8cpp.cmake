# utfcpp: headers alone.
find_path(Utf8cpp_INCLUDE_DIR utf8.h PATH_SUFFIXES utf8cpp)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Utf8cpp REQUIRED_VARS Utf8cpp_INCLUDE_DIR)
if(Utf8cpp_FOUND AND NOT TARGET Utf8cpp::utf8cpp)
  add_library(Utf8cpp::utf8cpp INTERFACE IMPORTED)
  set_target_properties(Utf8cpp::utf8cpp PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${Utf8cpp_INCLUDE_DIR})
endif()
