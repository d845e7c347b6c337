libnaxall_la_SOURCES += \
	src/core/alloc.c \
	src/core/context.c \
	src/core/core_i.h \
	src/core/options.c \
	src/core/status.c \
	src/core/text.c \
	src/core/threads.c \
	src/core/version.c
