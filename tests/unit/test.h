/* test.h: what every unit test includes first. */
#ifndef LATCHKEY_TEST_H
#define LATCHKEY_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#undef fail /* the project's own */

#endif
