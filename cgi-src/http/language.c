/* language.c: the languages that a browser asks for. */
#include "http_int.h"

size_t http_languages(const struct request *req, struct text *languages, size_t max)
{
	struct text rest = req->http ? http_header(req, "Accept-Language") : TEXT_NONE, item;
	size_t count = 0;

	for (bool more = rest.len > 0; more && count < max;) {
		more = text_cut(rest, ',', &item, &rest);
		item = text_trim(text_before(item, ';'), " \t");
		if (item.len)
			languages[count++] = item;
	}
	return count;
}
