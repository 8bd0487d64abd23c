/* members.c: a member's name and value in one call. */
#include "latchkey/json.h"

void json_member_text(struct json_writer *out, const char *name, struct text text)
{
	json_name(out, name);
	json_text(out, text);
}

void json_member_string(struct json_writer *out, const char *name, const char *string)
{
	json_name(out, name);
	json_string(out, string);
}

void json_member_string_opt(struct json_writer *out, const char *name, const char *string)
{
	if (string && *string)
		json_member_string(out, name, string);
}

void json_member_int(struct json_writer *out, const char *name, int64_t number)
{
	json_name(out, name);
	json_int(out, number);
}

void json_member_truth(struct json_writer *out, const char *name, bool truth)
{
	json_name(out, name);
	json_truth(out, truth);
}

void json_member_uuid(struct json_writer *out, const char *name, const struct uuid *uuid)
{
	json_name(out, name);
	json_uuid(out, uuid);
}

void json_member_moment(struct json_writer *out, const char *name, moment at)
{
	json_name(out, name);
	json_moment(out, at);
}

void json_member_moment_opt(struct json_writer *out, const char *name, moment at)
{
	if (at != MOMENT_NONE)
		json_member_moment(out, name, at);
}

void json_member_value(struct json_writer *out, const char *name, struct json_object *value)
{
	json_name(out, name);
	json_value(out, value);
}

void json_member_raw(struct json_writer *out, const char *name, struct text json)
{
	json_name(out, name);
	json_raw(out, json);
}
