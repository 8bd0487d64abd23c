/* wallet_message.c: the message that a wallet signs, by the grammar of EIP-4361 and its Solana form (contract 07 section 11.1). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wallet_int.h"

#define LINES_MIN 6
#define SOLANA_MIN 32
#define SOLANA_MAX 44

static const struct kind {
	const char *prefix, *first_line_end, *bad_address;
} kinds[] = {
	[WALLET_SOLANA] = {"siws", " wants you to sign in with your Solana account:", "wallet address is not in base58 format"},
	[WALLET_ETHEREUM] = {"siwe", " wants you to sign in with your Ethereum account:", "wallet address is not a valid Ethereum address"},
};

struct parser {
	TALLOC_CTX *mem;
	const struct kind *kind;
	struct wallet_message *out;
	struct text *lines;
	size_t count;
	bool in_resources;
	size_t resources;
	const char *why; /* without prefix */
};

static int no(struct parser *in, const char *why)
{
	in->why = why;
	return -1;
}

/* ---- letters --------------------------------------------------------------------------------------------------------------------------------------- */

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool all(struct text text, bool (*one)(char byte))
{
	for (size_t i = 0; i < text.len; i++)
		if (!one(text.data[i]))
			return false;
	return true;
}

static bool is_hex(char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static bool is_alphanumeric(char byte)
{
	return is_digit(byte) || is_letter(byte);
}

/* ---- lines 0 to 2 ----------------------------------------------------------------------------------------------------------------------------------- */

static bool label_valid(struct text label)
{
	if (label.len < 1 || label.len > 63 || !is_alphanumeric(label.data[0]) || !is_alphanumeric(label.data[label.len - 1]))
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!is_alphanumeric(label.data[i]) && label.data[i] != '-')
			return false;
	return true;
}

static bool host_valid(struct text host)
{
	struct text label, rest;
	bool dotted = false;

	if (text_is(host, "localhost"))
		return true;
	while (text_cut(host, '.', &label, &rest)) {
		if (!label_valid(label))
			return false;
		host = rest;
		dotted = true;
	}
	return dotted && host.len >= 2 && all(host, is_letter);
}

static bool domain_valid(struct text domain)
{
	struct text host, port;

	if (!text_cut(domain, ':', &host, &port))
		return host_valid(domain);
	return host_valid(host) && port.len >= 1 && port.len <= 5 && all(port, is_digit);
}

static bool address_valid(enum wallet_chain chain, struct text address)
{
	if (chain == WALLET_SOLANA)
		return address.len >= SOLANA_MIN && address.len <= SOLANA_MAX && all(address, is_alphanumeric);
	return address.len == 42 && text_starts(address, "0x") && all((struct text){address.data + 2, 40}, is_hex);
}

static int read_head(struct parser *in)
{
	struct text first = in->lines[0], end = text_of(in->kind->first_line_end);

	if (first.len < end.len || memcmp(first.data + first.len - end.len, end.data, end.len) != 0)
		return no(in, format(in->mem, "message first line does not end in \"%s\"", in->kind->first_line_end));
	in->out->domain = text_trim_unicode_space((struct text){first.data, first.len - end.len});
	if (!domain_valid(in->out->domain))
		return no(in, "domain in first line of message is not valid");
	in->out->address = text_trim_unicode_space(in->lines[1]);
	if (!address_valid(in->out->chain, in->out->address))
		return no(in, in->kind->bad_address);
	return in->lines[2].len ? no(in, "third line must be empty") : 0;
}

/* ---- fields -------------------------------------------------------------------------------------------------------------------------------------------- */

static int read_uri(struct parser *in, struct text value)
{
	in->out->uri = value;
	return wallet_uri_valid(in->mem, value) ? 0 : no(in, "URI is not valid");
}

static int read_version(struct parser *in, struct text value)
{
	in->out->version = value;
	return 0;
}

static bool chain_id_valid(struct parser *in, struct text value)
{
	static const char *const networks[] = {"", "solana:mainnet", "solana:devnet", "solana:testnet", "solana:localnet"};
	const char *digits = text_string(in->mem, value);
	char *end;

	for (size_t i = 0; in->out->chain == WALLET_SOLANA && i < sizeof(networks) / sizeof(networks[0]); i++)
		if (text_is(value, networks[i]))
			return true;
	if (in->out->chain == WALLET_SOLANA || !value.len || !(is_digit(digits[0]) || digits[0] == '+' || digits[0] == '-'))
		return false;
	errno = 0;
	return strtoll(digits, &end, 10) > 0 && errno == 0 && end == digits + value.len;
}

static int read_chain_id(struct parser *in, struct text value)
{
	in->out->chain_id = value;
	return chain_id_valid(in, value) ? 0 : no(in, "Chain ID is not valid");
}

static int read_nonce(struct parser *in, struct text value)
{
	in->out->nonce = value;
	return 0;
}

static int read_request_id(struct parser *in, struct text value)
{
	in->out->request_id = value;
	return 0;
}

static int read_time(struct parser *in, const char *name, struct text value, moment *at)
{
	return wallet_time_parse(value, at) ? 0 : no(in, format(in->mem, "%s is not a valid ISO8601 timestamp", name));
}

static int read_issued_at(struct parser *in, struct text value)
{
	return read_time(in, "Issued At", value, &in->out->issued_at);
}

static int read_expires_at(struct parser *in, struct text value)
{
	return read_time(in, "Expiration Time", value, &in->out->expires_at);
}

static int read_not_before(struct parser *in, struct text value)
{
	return read_time(in, "Not Before", value, &in->out->not_before);
}

static const struct {
	const char *key;
	int (*read)(struct parser *in, struct text value);
} fields[] = {
	{"URI", read_uri},
	{"Version", read_version},
	{"Chain ID", read_chain_id},
	{"Nonce", read_nonce},
	{"Issued At", read_issued_at},
	{"Expiration Time", read_expires_at},
	{"Not Before", read_not_before},
	{"Request ID", read_request_id},
};

static int read_resource(struct parser *in, struct text line)
{
	if (!wallet_uri_valid(in->mem, text_trim_unicode_space((struct text){line.data + 2, line.len - 2})))
		return no(in, format(in->mem, "Resource at position %zu has invalid URI", in->resources));
	in->resources++;
	return 0;
}

static int read_line(struct parser *in, size_t index)
{
	struct text line = text_trim_unicode_space(in->lines[index]), key, value;

	if (in->in_resources && text_starts(line, "- "))
		return read_resource(in, line);
	in->in_resources = false;
	if (text_is(line, "Resources:")) {
		in->in_resources = true;
		in->resources = 0;
		return 0;
	}
	if (!line.len)
		return 0;
	if (!text_cut(line, ':', &key, &value))
		return no(in, format(in->mem, "encountered unparsable line at index %zu", index));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (text_is(key, fields[i].key))
			return fields[i].read(in, text_trim_unicode_space(value));
	return 0;
}

static int check_all(struct parser *in)
{
	const struct wallet_message *out = in->out;

	if (!text_is(out->version, "1"))
		return no(in, format(in->mem, "Version value is not supported, expected 1 got %s", quote_go(in->mem, out->version).data));
	if (out->issued_at == MOMENT_NONE)
		return no(in, "Issued At is not specified");
	if (!out->uri.len)
		return no(in, "URI is not specified");
	if (out->expires_at != MOMENT_NONE && out->issued_at > out->expires_at)
		return no(in, "Issued At is after Expiration Time");
	if (out->expires_at != MOMENT_NONE && out->not_before != MOMENT_NONE && out->not_before > out->expires_at)
		return no(in, "Not Before is after Expiration Time");
	return 0;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------------------------------------- */

static void split_lines(struct parser *in, struct text message)
{
	in->lines = must(talloc_array(in->mem, struct text, (unsigned)message.len + 1));
	for (;;) {
		struct text line, rest;
		bool more = text_cut(message, '\n', &line, &rest);

		in->lines[in->count++] = more ? line : message;
		if (!more)
			return;
		message = rest;
	}
}

static int parse(struct parser *in)
{
	size_t at = 3;

	if (in->count < LINES_MIN)
		return no(in, "message needs at least 6 lines");
	if (read_head(in) < 0)
		return -1;
	if (in->lines[3].len && !in->lines[4].len) {
		in->out->statement = in->lines[3];
		in->out->has_statement = true;
		at = 5;
	}
	for (; at < in->count; at++)
		if (read_line(in, at) < 0)
			return -1;
	return check_all(in);
}

int wallet_message_parse(TALLOC_CTX *mem, enum wallet_chain chain, struct text message, struct wallet_message *parsed, const char **why)
{
	struct parser in = {.mem = mem, .kind = &kinds[chain], .out = parsed};

	*parsed = (struct wallet_message){.chain = chain, .issued_at = MOMENT_NONE, .expires_at = MOMENT_NONE, .not_before = MOMENT_NONE};
	split_lines(&in, message);
	if (parse(&in) == 0)
		return 0;
	*why = format(mem, "%s: %s", in.kind->prefix, in.why);
	return -1;
}
