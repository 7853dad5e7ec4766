# The three parts of OpenCV that are used, found without OpenCVConfig.cmake: that file comes only with
# libopencv-dev, whose dependencies are 290 Debian packages more. Defines OpenCV::core, ::imgproc, ::dnn.
find_path(OpenCVParts_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
set(_opencv_required OpenCVParts_INCLUDE_DIR)
foreach(part core imgproc dnn)
  find_library(OpenCVParts_${part}_LIBRARY opencv_${part})
  list(APPEND _opencv_required OpenCVParts_${part}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVParts REQUIRED_VARS ${_opencv_required})
if(OpenCVParts_FOUND AND NOT TARGET OpenCV::core)
  foreach(part core imgproc dnn)
    add_library(OpenCV::${part} UNKNOWN IMPORTED)
    set_target_properties(OpenCV::${part} PROPERTIES
      IMPORTED_LOCATION ${OpenCVParts_${part}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${OpenCVParts_INCLUDE_DIR})
  endforeach()
  target_link_libraries(OpenCV::imgproc INTERFACE OpenCV::core)
  target_link_libraries(OpenCV::dnn INTERFACE OpenCV::imgproc)
endif()
