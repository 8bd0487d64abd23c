/* mail.c: any text as subject, body, address, relay URL, relay's answer and bounce report: lines stay lines, addresses stay addresses. */
#include "cgi-src/mail/delivery.h"
#include "tests/fuzz/fuzz.h"

/* One header: every line but the first begins with a blank, none is too long, no byte is outside of ASCII. */
static void check_header(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, 64);
	size_t line = 0;

	header_put(mem, out, "Subject", text);
	promise(out->len >= 2 && memcmp(out->data + out->len - 2, "\r\n", 2) == 0);
	for (size_t i = 0; i < out->len; i++) {
		unsigned char byte = (unsigned char)out->data[i];

		promise((byte >= ' ' && byte <= '~') || byte == '\t' || byte == '\r' || byte == '\n');
		promise(byte != '\n' || (i && out->data[i - 1] == '\r'));
		promise(byte != '\r' || out->data[i + 1] == '\n');
		if (byte == '\n' && i + 1 < out->len)
			promise(out->data[i + 1] == ' ' || out->data[i + 1] == '\t');
		line = byte == '\n' ? 0 : line + 1;
		promise(line <= 999);
	}
}

static void check_body(TALLOC_CTX *mem, struct text text)
{
	struct buffer *out = buffer_new(mem, 64);
	size_t line = 0;

	quoted_printable(out, text);
	for (size_t i = 0; i < out->len; i++) {
		line = out->data[i] == '\n' ? 0 : line + 1;
		promise(line <= 77); /* 76 and the CR */
		promise(out->data[i] != '\n' || out->data[i - 1] == '\r');
	}
}

static void check_address(TALLOC_CTX *mem, struct text text)
{
	struct text address;

	if (!header_address(mem, text, &address))
		return;
	promise(address_valid(address) && address.len >= 3 && address.len <= 320);
	for (size_t i = 0; i < address.len; i++)
		promise((unsigned char)address.data[i] >= ' ');
}

static void check_relay(TALLOC_CTX *mem, struct text text)
{
	struct relay relay;
	const char *why = NULL;

	if (relay_parse(mem, text, &relay, &why) < 0) {
		promise(why != NULL);
		return;
	}
	promise(relay.name && (relay.scheme == RELAY_SENDMAIL ? relay.program[0] == '/' : relay.host[0] && relay.port[0]));
}

static void check_answer(TALLOC_CTX *mem, struct text text)
{
	const char *answer = text_string(mem, text);
	struct outcome outcome = outcome_of(FATE_PASSING, STAGE_RECIPIENT, 550, false, answer);

	promise(answer_meaning(STAGE_RECIPIENT, 550, outcome.answer) != NULL);
	promise(!memchr(without_addresses(mem, text).data, '@', without_addresses(mem, text).len));
}

static void check_report(TALLOC_CTX *mem, struct text text)
{
	struct text_list failed;
	const char *reason;
	struct uuid mail;

	if (bounce_parse(mem, text, &failed, &reason, &mail) < 0)
		return;
	for (size_t i = 0; i < failed.count; i++)
		promise(address_valid(failed.items[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	struct text text = fuzz_text(data, size);

	check_header(mem, text);
	check_body(mem, text);
	check_address(mem, text);
	check_relay(mem, text);
	check_answer(mem, text);
	check_report(mem, text);
	plain_from_html(mem, text);
	talloc_free(mem);
	return 0;
}
