libnaxall_la_SOURCES += \
	src/array/array.c \
	src/array/array_i.h \
	src/array/axis.c \
	src/array/view.c
