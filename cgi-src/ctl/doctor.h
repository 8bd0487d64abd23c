/* doctor.h: what the checks of `latchkey doctor` share. A further check is a function and a row in doctor.c. */
#ifndef LATCHKEY_CTL_DOCTOR_H
#define LATCHKEY_CTL_DOCTOR_H

#include "command.h"

enum verdict {
	VERDICT_GOOD,
	VERDICT_DOUBTFUL, /* it may be meant so, or cannot be told from here */
	VERDICT_BAD,	  /* it does not work; the command ends with 1 */
};

struct doctor;
struct request *doctor_request(struct doctor *doctor);
/* One finding about subject. cure: the line to change or the thing to do, NULL: none. Nothing secret belongs in any of them. */
void doctor_tell(struct doctor *doctor, enum verdict verdict, const char *subject, const char *finding, const char *cure);

void doctor_providers(struct doctor *doctor);

#endif
