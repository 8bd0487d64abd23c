/* trust.c: whom a relay's certificate is trusted by. Reading all authorities takes longer than a session, so a worker reads them once, and
 * its couriers inherit them. */
#include <openssl/x509_vfy.h>
#include <string.h>
#include <sys/stat.h>

#include "cgi-src/mail/delivery.h"
#include "cgi-src/mail/trust.h"

#define KEPT 4

static struct kept {
	char *file, *folder; /* NULL: none */
	struct timespec changed;
	X509_STORE *store;
} kept[KEPT];

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static const char *file_of(const struct settings *settings, const struct relay *relay)
{
	return relay->ca_file ? relay->ca_file : or_null(settings->outbound.ssl_cert_file);
}

static const char *folder_of(const struct settings *settings, const struct relay *relay)
{
	return relay->ca_file ? NULL : or_null(settings->outbound.ssl_cert_dir);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct timespec changed_at(const char *file, const char *folder)
{
	const char *read = file || folder ? file : X509_get_default_cert_file();
	struct stat facts;

	return read && stat(read, &facts) == 0 ? facts.st_mtim : (struct timespec){0};
}

static void load(struct kept *entry)
{
	X509_STORE_free(entry->store);
	entry->store = must(X509_STORE_new());
	entry->changed = changed_at(entry->file, entry->folder);
	if (!entry->file && !entry->folder)
		X509_STORE_set_default_paths(entry->store);
	/* a file that cannot be read leaves nobody to be trusted: the certificate is refused, and the log says so */
	if (entry->file)
		X509_STORE_load_file(entry->store, entry->file);
	if (entry->folder)
		X509_STORE_load_path(entry->store, entry->folder);
}

static void name(struct kept *entry, const char *file, const char *folder)
{
	talloc_free(entry->file);
	talloc_free(entry->folder);
	X509_STORE_free(entry->store);
	*entry = (struct kept){.file = file ? format(NULL, "%s", file) : NULL, .folder = folder ? format(NULL, "%s", folder) : NULL};
}

X509_STORE *trust_of(const struct settings *settings, const struct relay *relay)
{
	const char *file = file_of(settings, relay), *folder = folder_of(settings, relay);
	struct timespec changed = changed_at(file, folder);
	struct kept *entry = kept;

	while (entry < kept + KEPT - 1 && entry->store && !(same(entry->file, file) && same(entry->folder, folder)))
		entry++;
	if (!same(entry->file, file) || !same(entry->folder, folder))
		name(entry, file, folder);
	if (!entry->store || memcmp(&entry->changed, &changed, sizeof(changed)) != 0)
		load(entry);
	return entry->store;
}

void trust_prepare(const struct settings *settings, struct shared *shared, const struct relay *relay)
{
	if (relay->scheme == RELAY_SENDMAIL || relay->tls == RELAY_TLS_NONE || relay->pin)
		return;
	if (relay->tls == RELAY_TLS_REQUIRED || mail_tls_was_seen(shared, relay->name))
		trust_of(settings, relay);
}
