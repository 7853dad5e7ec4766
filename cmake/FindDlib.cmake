# dlib, BLAS and LAPACK, found without Debian's dlibConfig.cmake: that file drags X11, GIF and SQLite into the link. Defines Dlib::dlib.
find_path(Dlib_INCLUDE_DIR dlib/dnn.h)
find_library(Dlib_LIBRARY dlib)
find_library(Dlib_BLAS_LIBRARY blas)
find_library(Dlib_LAPACK_LIBRARY lapack)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Dlib REQUIRED_VARS Dlib_LIBRARY Dlib_BLAS_LIBRARY Dlib_LAPACK_LIBRARY Dlib_INCLUDE_DIR)
if(Dlib_FOUND AND NOT TARGET Dlib::dlib)
  add_library(Dlib::dlib UNKNOWN IMPORTED)
  set_target_properties(Dlib::dlib PROPERTIES
    IMPORTED_LOCATION ${Dlib_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${Dlib_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES "${Dlib_BLAS_LIBRARY};${Dlib_LAPACK_LIBRARY}")
endif()
