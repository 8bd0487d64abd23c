/* exporter.h: between the exporter's process and what it answers. */
#ifndef LATCHKEY_EXPORTER_H
#define LATCHKEY_EXPORTER_H

#include "manager_int.h"

/* Answers until it is killed; else an exit status, with the reason logged. manager: whose children the workers are. */
int exporter_serve(const struct settings *settings, const struct shared *shared, pid_t manager);

#endif
