/* connections.c: how many database connections the settings and the database server allow (contract 02 section 6.2). */
#include "manager_int.h"

static bool by_percentage(const struct settings *settings)
{
	return settings->db.conn_percentage > 0;
}

int64_t connection_limit(const struct settings *settings, int64_t server_connections)
{
	int64_t share;

	if (!by_percentage(settings) || server_connections <= 0)
		return settings->db.max_pool_size > 0 ? settings->db.max_pool_size : 0;
	share = server_connections * settings->db.conn_percentage / 100;
	return share > 1 ? share : 1;
}

/* Durations in nanoseconds. A worker has one connection and keeps it, so that the bound on idle ones is only told. */
void connections_log(const struct settings *settings, int64_t server_connections)
{
	const char *strategy = by_percentage(settings) ? "percentage" : "fixed";
	int64_t most = connection_limit(settings, server_connections), idle = by_percentage(settings) ? most : settings->db.max_idle_pool_size;
	char *msg = format(NULL, "applying connection limits to db using the \"%s\" strategy", strategy);

	log_to(LOG_INFO, msg, log_text("component", "apiworker"), log_text("worker_type", "apiworker_db_worker"),
	       log_number("config_max_pool_size", settings->db.max_pool_size),
	       log_number("config_max_idle_pool_size", settings->db.max_idle_pool_size),
	       log_number("config_conn_max_lifetime", settings->db.conn_max_lifetime),
	       log_number("config_conn_max_idle_time", settings->db.conn_max_idle_time),
	       log_number("config_conn_percentage", settings->db.conn_percentage), log_number("server_max_conns", server_connections),
	       log_number("limit_max_open_conns", most), log_number("limit_max_idle_conns", idle),
	       log_number("limit_conn_max_lifetime", settings->db.conn_max_lifetime),
	       log_number("limit_conn_max_idle_time", settings->db.conn_max_idle_time), log_text("limit_strategy", strategy));
	talloc_free(msg);
}

void background_log(bool started)
{
	static const struct {
		const char *name, *type;
	} workers[] = {
		{"config notifier", "apiworker_config_notifier"},
		{"template cache worker", "apiworker_template_cache"},
		{"db worker", "apiworker_db_worker"},
		{"index worker", "apiworker_index_worker"},
	};

	for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
		char *msg = format(NULL, "apiworker: %s %s", workers[i].name, started ? "started" : "exited");

		log_to(LOG_INFO, msg, log_text("component", "apiworker"), log_text("worker_type", workers[i].type));
		talloc_free(msg);
	}
}
