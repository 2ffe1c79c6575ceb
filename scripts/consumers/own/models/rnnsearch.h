#error "a header of the project was taken for one of heed's"
