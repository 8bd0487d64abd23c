/* settings.h: everything an operator can set (contract 02 sections 1 to 3).
 *
 * One table in cgi-src/settings/ has a row for each variable (name, type, default, range, meaning, field); parsing, checking,
 * `latchkey config` and the manual page come from it. A struct settings is immutable once made; a reload makes another. */
#ifndef LATCHKEY_SETTINGS_H
#define LATCHKEY_SETTINGS_H

#include "latchkey/base.h"

struct jose_keys;
struct glob;

/* "" stands for not set unless said otherwise. Durations in nanoseconds. */

#define SETTINGS_PROVIDERS 25
#define SETTINGS_HOOKS 7
#define SETTINGS_MAIL_KINDS 13

struct settings_provider { /* GOTRUE_EXTERNAL_<P>_… */
	const char *name;  /* lower case, as in URLs: "google" */
	struct text_list client_id;
	const char *secret, *redirect_uri, *url, *api_url;
	bool enabled, email_optional, skip_nonce_check;
};

enum rate_kind { RATE_INTERVAL, RATE_BURST };
struct rate { /* contract 02 section 2.3 */
	enum rate_kind kind;
	double events;
	duration over;
	const char *raw;
};

struct text_pair {
	struct text name, value;
};
struct text_map {
	struct text_pair *items;
	size_t count;
};
/* The value of name; TEXT_NONE where it is not there. */
struct text text_map_get(const struct text_map *map, struct text name);

enum mail_kind {
	MAIL_INVITE,
	MAIL_CONFIRMATION,
	MAIL_RECOVERY,
	MAIL_EMAIL_CHANGE,
	MAIL_MAGIC_LINK,
	MAIL_REAUTHENTICATION,
	MAIL_PASSWORD_CHANGED,
	MAIL_EMAIL_CHANGED,
	MAIL_PHONE_CHANGED,
	MAIL_IDENTITY_LINKED,
	MAIL_IDENTITY_UNLINKED,
	MAIL_FACTOR_ENROLLED,
	MAIL_FACTOR_UNENROLLED,
};

enum hook_point {
	HOOK_MFA_VERIFICATION_ATTEMPT,
	HOOK_PASSWORD_VERIFICATION_ATTEMPT,
	HOOK_CUSTOM_ACCESS_TOKEN,
	HOOK_SEND_EMAIL,
	HOOK_SEND_SMS,
	HOOK_BEFORE_USER_CREATED,
	HOOK_AFTER_USER_CREATED,
};
struct settings_hook {
	bool enabled;
	const char *uri;
	struct text_list secrets;
	const char *function; /* pg-functions: the quoted SQL name "schema"."function", else "" */
};

struct settings {
	struct {
		const char *host, *port, *request_id_header, *external_url;
		duration max_request_duration;
	} api;
	struct {
		const char *driver, *url, *namespace_;
		int64_t max_pool_size, max_idle_pool_size, conn_percentage;
		duration conn_max_lifetime, conn_max_idle_time;
		bool cleanup_enabled, advisor_enabled;
		duration advisor_sampling_interval, advisor_observation_interval;
	} db;
	struct {
		struct settings_provider providers[SETTINGS_PROVIDERS];
		bool anonymous_users_enabled, email_enabled, magic_link_enabled, phone_enabled;
		struct text_list email_authorized_addresses;
		const char *ios_bundle_id, *redirect_url;
		struct text_list allowed_id_token_issuers;
		duration flow_state_expiry, oidc_provider_cache_ttl;
		bool web3_solana_enabled, web3_ethereum_enabled;
		duration web3_solana_max_validity, web3_ethereum_max_validity;
	} external;
	struct {
		bool enabled;
		int64_t max_providers;
		const char *external_url;
	} custom_oauth;
	struct {
		bool enabled, allow_dynamic_registration;
		const char *authorization_path, *default_scope;
		duration authorization_ttl;
	} oauth_server;
	struct {
		const char *level, *file, *sql;
	} log;
	struct {
		bool enabled;
		const char *host, *port;
	} profiler;
	struct {
		bool enabled;
		const char *exporter, *protocol;
	} tracing;
	struct {
		bool enabled;
		const char *exporter, *protocol, *prometheus_host, *prometheus_port;
	} metrics;
	struct {
		const char *host, *user, *pass, *admin_email, *sender_name, *headers;
		int64_t port;
		duration max_frequency;
		bool logging_enabled;
	} smtp;
	struct {
		bool disable_postgres;
	} audit_log;
	struct {
		const char *header;
		struct rate email_sent, sms_sent;
		double verify, token_refresh, sso, anonymous_users, otp, web3, passkey, oauth_client_register;
	} rate_limit;
	const char *site_url;
	struct text_list uri_allow_list;
	struct glob **uri_globs; /* compiled, one an item of uri_allow_list (http.h) */
	bool disable_signup;
	struct text_list cors_allowed_headers;
	struct {
		bool autoconfirm, allow_unverified_email_sign_ins, secure_email_change_enabled, background_sending;
		const char *subjects[SETTINGS_MAIL_KINDS], *templates[SETTINGS_MAIL_KINDS], *url_paths[SETTINGS_MAIL_KINDS];
		bool notify[SETTINGS_MAIL_KINDS]; /* only the notification kinds */
		int64_t otp_exp, otp_length;	  /* seconds, digits */
		struct text_list external_hosts;
		bool validation_extended;
		const char *validation_service_url, *validation_service_headers, *validation_blocked_mx;
		int64_t template_max_size;
		duration template_max_age, template_retry_interval, template_reloading_max_idle;
		bool template_reloading_enabled;
	} mailer;
	struct {
		bool autoconfirm;
		duration max_frequency;
		int64_t otp_exp, otp_length;
		const char *provider, *template_;
		struct text_map test_otp;
		moment test_otp_valid_until; /* MOMENT_NONE: not set */
		struct {
			const char *account_sid, *auth_token, *message_service_sid, *content_sid;
		} twilio, twilio_verify;
		struct {
			const char *access_key, *originator;
		} messagebird;
		struct {
			const char *api_key, *sender;
		} textlocal;
		struct {
			const char *api_key, *api_secret, *from;
		} vonage;
	} sms;
	struct {
		int64_t min_length;
		struct text_list required_characters; /* unescaped sets */
		bool hibp_enabled, hibp_fail_closed, hibp_bloom_enabled;
		const char *hibp_user_agent;
		int64_t hibp_bloom_items;
		double hibp_bloom_false_positives;
	} password;
	struct {
		const char *secret, *aud, *admin_group_name, *default_group_name, *issuer, *key_id;
		size_t secret_len;
		int64_t exp; /* seconds */
		struct text_list admin_roles;
		struct text_list valid_methods;
		struct jose_keys *keys; /* what signs and verifies, secret included (jose.h) */
	} jwt;
	struct settings_hook hooks[SETTINGS_HOOKS];
	struct {
		bool captcha_enabled;
		const char *captcha_provider, *captcha_secret;
		duration captcha_timeout;
		int64_t refresh_token_upgrade_percentage, refresh_token_algorithm_version, refresh_token_reuse_interval;
		bool refresh_token_rotation_enabled, refresh_token_allow_reuse;
		bool update_password_require_reauthentication, update_password_require_current_password;
		bool manual_linking_enabled, sb_forwarded_for_enabled;
		bool encrypt;
		const char *encryption_key_id, *encryption_key; /* the key as configured, base64url */
		struct text_map decryption_keys;		/* id to 32 raw bytes */
	} security;
	struct {
		duration timebox, inactivity_timeout, allow_low_aal; /* 0: not set */
		bool single_per_user;
		struct text_list tags;
	} sessions;
	struct {
		double challenge_expiry; /* seconds */
		duration factor_expiry;
		double rate_limit;
		int64_t max_enrolled_factors, max_verified_factors;
		bool phone_enroll_enabled, phone_verify_enabled, totp_enroll_enabled, totp_verify_enabled, webauthn_enroll_enabled,
			webauthn_verify_enabled;
		int64_t phone_otp_length;
		duration phone_max_frequency;
		const char *phone_template;
	} mfa;
	struct {
		const char *rp_id, *rp_display_name;
		struct text_list rp_origins;
		duration challenge_expiry;
	} webauthn;
	struct {
		bool enabled;
		int64_t max_per_user;
	} passkey;
	struct {
		bool enabled, allow_encrypted_assertions, modern_only;
		const char *private_key, *private_key_next, *external_url;
		duration relay_state_validity;
		double rate_limit_assertion;
	} saml;
	struct {
		bool ensure_user_search_indexes;
		int64_t max_users_threshold;
	} index_worker;
	struct {
		struct text_list providers_with_own_linking_domain;
		struct text_map provider_linking_domains;
		bool cursor_pagination_enabled, scim_enabled, create_email_identity_on_password_set;
	} experimental;
	struct {
		bool notify_enabled, poller_enabled, signal_enabled;
		duration poller_interval, grace_period;
		int64_t signal_number;
	} reloading;
	duration internal_http_timeout;
	struct { /* HTTP_PROXY, HTTPS_PROXY, NO_PROXY (either case), SSL_CERT_FILE, SSL_CERT_DIR: contract 02 section 3.20 */
		const char *http_proxy, *https_proxy, *no_proxy, *ssl_cert_file, *ssl_cert_dir;
	} outbound;
	struct {				    /* LATCHKEY_…: our own, which GoTrue does not read */
		int64_t workers;		    /* fast lane; 0: four for each core */
		int64_t hash_workers;		    /* 0: as many as cores */
		int64_t outbound_workers;	    /* default 4 */
		int64_t hash_queue, outbound_queue; /* waiting requests before 503 */
		bool db_prepare;
		struct text_list trusted_proxies; /* addresses and networks */
		const char *shared_file;	  /* path of the shared segment; "": chosen by the manager */
		const char *prefix;		  /* mount prefix; "": SCRIPT_NAME, or what the web server stripped */
		struct text_list smtp_relays;
		duration mail_budget;
		struct text_list sms_providers;
		const char *mail_delivery; /* "request" or "queue" */
		duration mail_keep;	   /* what became of a mail is known so long */
		bool verify_page;	   /* GET /verify asks before it uses up a token */
	} latchkey;
};

/* Where settings come from. Sources are kept so that `latchkey config` can name them, and for reloads. */
struct settings_source; /* the merged variables, each with the file or environment it came from */

struct settings_place {
	const char *config_file; /* -c; NULL: none */
	const char *config_dir;	 /* -d; NULL: none */
	const char *program;	 /* argv[0], for the private file beside the program; NULL: none */
};

/* Merges environment and files (contract 02 section 1). NULL: *problem says why, without secrets. */
struct settings_source *settings_read(TALLOC_CTX *mem, const struct settings_place *place, const char **problem);
/* Reads the config directory again over what is there (section 4.2). */
int settings_reread(struct settings_source *source, const char *config_dir, const char **problem);

/* Parses and checks; crypto_init first. All problems at once: NULL with *problems filled, each naming its variable; secret values never appear.
 * *notes: warnings that stop nothing (unknown names with the nearest known one, deprecations, settings left out). */
struct settings *settings_make(TALLOC_CTX *mem, const struct settings_source *source, struct text_list *problems, struct text_list *notes);
/* Writes notes to the log as warnings. A note is a line; where there is a second one, that is the entry's field `error`. */
void settings_log_notes(const struct text_list *notes);
/* Writes each problem as an entry of its own: "Failed to load configuration: …", level fatal. */
void settings_log_problems(const struct text_list *problems);
/* One entry for a reload that is refused, with all problems, or with what settings_reread said (section 4.2). */
void settings_log_refused_reload(const char *problem, const struct text_list *problems);
/* Log level and file of GOTRUE_LOG_…; a file that does not open is logged, and entries go on to standard error (section 5.3). */
void settings_configure_log(const struct settings *settings);

/* `latchkey config` (effective values, their source, secrets masked), `latchkey config check`, and the manual page; 0 or 1 as an exit
 * status. */
int settings_print(const struct settings_source *source, bool as_json);
int settings_check(const struct settings_source *source, bool as_json);
int settings_manual(void); /* roff for latchkey.conf(5), made from the table */

const struct settings_provider *settings_provider(const struct settings *settings, struct text name);

#endif
