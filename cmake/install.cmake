# Program, runtimes, models, documents and licences where the system expects them. The documents keep their places beside each other, so
# that their links lead somewhere.
set(documents share/doc/facesearch)
install(TARGETS facesearch RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS facesearch-opencv facesearch-dlib facesearch-curl facesearch-heif facesearch-archive LIBRARY DESTINATION lib/facesearch)
install(FILES ${CMAKE_BINARY_DIR}/share/facesearch/networks/frontal_face_detector.dat DESTINATION share/facesearch/networks)
install(FILES ${CMAKE_BINARY_DIR}/share/facesearch/font/unifont.hex DESTINATION share/facesearch/font)
install(FILES ${FACESEARCH_FONT_LICENCE} DESTINATION share/facesearch/font)
install(DIRECTORY models/ DESTINATION share/facesearch/models)
install(FILES README.md CHANGELOG.md CONTRIBUTING.md LICENSE DESTINATION ${documents})
install(DIRECTORY docs/ DESTINATION ${documents}/docs)
install(DIRECTORY models/ DESTINATION ${documents}/models FILES_MATCHING PATTERN README.md PATTERN manifest.json)
install(FILES scripts/packages.txt DESTINATION ${documents}/scripts)
install(FILES tests/data/people/NOTICE.md DESTINATION ${documents}/tests/data/people)
