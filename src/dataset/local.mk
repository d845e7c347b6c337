libnaxall_la_SOURCES += \
	src/dataset/dataset.c \
	src/dataset/dataset_i.h \
	src/dataset/table.c
