libnaxall_la_SOURCES += \
	src/spikes/spikes.c \
	src/spikes/spikes_i.h
