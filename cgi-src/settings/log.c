/* log.c: how settings speak in the log: problems, notes, and where entries go (contract 02 sections 2.7, 4.2, 5.3, 7.1). */
#include <errno.h>
#include <string.h>

#include "internal.h"

void settings_log_notes(const struct text_list *notes)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	for (size_t i = 0; i < notes->count; i++) {
		struct text line, error;
		bool cause = text_cut(notes->items[i], '\n', &line, &error);
		const char *msg = text_string(mem, line);

		if (cause)
			log_to(LOG_WARNING, msg, log_bytes("error", error));
		else if (strstr(msg, "DEPRECATION NOTICE: GOTRUE_JWT_"))
			log_to(LOG_WARNING, msg, log_text("component", "api"));
		else
			log_plain(LOG_WARNING, msg);
	}
	talloc_free(mem);
}

void settings_log_problems(const struct text_list *problems)
{
	TALLOC_CTX *mem = talloc_new(NULL);

	for (size_t i = 0; i < problems->count; i++)
		log_plain(LOG_FATAL, format(mem, "Failed to load configuration: %s", text_string(mem, problems->items[i])));
	talloc_free(mem);
}

void settings_log_refused_reload(const char *problem, const struct text_list *problems)
{
	struct buffer *all = buffer_new(NULL, 256);

	buffer_string(all, problem ? problem : "");
	for (size_t i = 0; !problem && problems && i < problems->count; i++) {
		buffer_string(all, i ? "; " : "");
		buffer_text(all, problems->items[i]);
	}
	log_to(LOG_ERROR, "reloader: error loading config", log_bytes("error", buffer_as_text(all)));
	talloc_free(all);
}

void settings_configure_log(const struct settings *settings)
{
	TALLOC_CTX *mem = talloc_new(NULL);
	enum log_level level = LOG_INFO;

	if (settings->log.file[0] && log_open(settings->log.file) < 0) {
		/* the level is not applied then */
		log_to(LOG_ERROR, "unable to configure logging",
		       log_text("error", format(mem, "open %s: %s", settings->log.file, system_words(mem, errno))));
		talloc_free(mem);
		return;
	}
	if (settings->log.file[0])
		log_plain(LOG_INFO, format(mem, "Set output file to %s", settings->log.file));
	if (settings->log.level[0] && log_level_parse(text_of(settings->log.level), &level)) {
		log_set_level(level);
		log_plain(LOG_DEBUG, format(mem, "Set log level to: %s", settings->log.level));
	}
	talloc_free(mem);
}
