# Program, runtimes, models, documents and licences where the system expects them.
install(TARGETS facesearch RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS facesearch-opencv LIBRARY DESTINATION lib/facesearch)
install(DIRECTORY models/ DESTINATION share/facesearch/models)
install(DIRECTORY docs/ DESTINATION share/doc/facesearch/docs)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION share/doc/facesearch)
