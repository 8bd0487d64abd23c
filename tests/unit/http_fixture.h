/* http_fixture.h: requests as a web server would hand them on, for the tests of the http room. */
#ifndef HTTP_FIXTURE_H
#define HTTP_FIXTURE_H

#include "tests/unit/test.h"

#include "latchkey/http.h"
#include "latchkey/settings.h"

/* Settings that a test may change before it makes requests: everything unset but the site URL https://app.example.com. */
struct settings *fixture_settings(TALLOC_CTX *mem);
/* "GET", "/path?query", body (NULL: none), and further parameters "NAME=value", NULL-terminated. */
struct request *fixture_request(TALLOC_CTX *mem, const struct settings *settings, const char *method, const char *target, const char *body, ...);
/* The allow-list as GOTRUE_URI_ALLOW_LIST would be split and compiled. */
void fixture_allow(struct settings *settings, const char *list);
/* The reply's header; NULL where it is not there. The n-th of that name. */
const char *fixture_header(const struct request *req, const char *name, size_t n);

/* Fails the test with this line. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#define assert_text(actual, expected) assert_string_equal(text_string(mem, actual), expected)

#endif
