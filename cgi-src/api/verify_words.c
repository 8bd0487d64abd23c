/* verify_words.c: what the page of a link says, a row for each language. */
#include "cgi-src/api/verify.h"
#include "latchkey/http.h"

#define LANGUAGES_MAX 16

static const struct verify_words table[] = {
	{
		.language = "en",
		.titles =
			{
				[VERIFY_CONFIRM] = "Confirm your email address",
				[VERIFY_INVITE] = "Accept the invitation",
				[VERIFY_RECOVER] = "Reset your password",
				[VERIFY_SIGN_IN] = "Sign in",
				[VERIFY_CHANGE] = "Confirm the change of your email address",
			},
		.explanation = "Press the button to go on. Your link works once; this step keeps programs that check mail from using it up.",
		.button = "Continue",
	},
	{
		.language = "de",
		.titles =
			{
				[VERIFY_CONFIRM] = "E-Mail-Adresse bestätigen",
				[VERIFY_INVITE] = "Einladung annehmen",
				[VERIFY_RECOVER] = "Passwort zurücksetzen",
				[VERIFY_SIGN_IN] = "Anmelden",
				[VERIFY_CHANGE] = "Änderung der E-Mail-Adresse bestätigen",
			},
		.explanation = "Mit dem Knopf geht es weiter. Der Link gilt nur einmal; dieser Schritt verhindert, dass Programme, die E-Mails "
			       "prüfen, ihn verbrauchen.",
		.button = "Weiter",
	},
	{
		.language = "fr",
		.titles =
			{
				[VERIFY_CONFIRM] = "Confirmez votre adresse e-mail",
				[VERIFY_INVITE] = "Acceptez l’invitation",
				[VERIFY_RECOVER] = "Réinitialisez votre mot de passe",
				[VERIFY_SIGN_IN] = "Connectez-vous",
				[VERIFY_CHANGE] = "Confirmez le changement de votre adresse e-mail",
			},
		.explanation = "Appuyez sur le bouton pour continuer. Votre lien ne sert qu’une fois ; cette étape empêche les programmes qui "
			       "analysent les e-mails de l’utiliser à votre place.",
		.button = "Continuer",
	},
	{
		.language = "es",
		.titles =
			{
				[VERIFY_CONFIRM] = "Confirma tu correo electrónico",
				[VERIFY_INVITE] = "Acepta la invitación",
				[VERIFY_RECOVER] = "Restablece tu contraseña",
				[VERIFY_SIGN_IN] = "Inicia sesión",
				[VERIFY_CHANGE] = "Confirma el cambio de tu correo electrónico",
			},
		.explanation = "Pulsa el botón para continuar. El enlace solo sirve una vez; este paso evita que lo gasten los programas que revisan "
			       "el correo.",
		.button = "Continuar",
	},
	{
		.language = "it",
		.titles =
			{
				[VERIFY_CONFIRM] = "Conferma il tuo indirizzo e-mail",
				[VERIFY_INVITE] = "Accetta l’invito",
				[VERIFY_RECOVER] = "Reimposta la password",
				[VERIFY_SIGN_IN] = "Accedi",
				[VERIFY_CHANGE] = "Conferma il cambio del tuo indirizzo e-mail",
			},
		.explanation =
			"Premi il pulsante per continuare. Il link vale una sola volta; questo passaggio evita che lo consumino i programmi che "
			"controllano la posta.",
		.button = "Continua",
	},
	{
		.language = "pt",
		.titles =
			{
				[VERIFY_CONFIRM] = "Confirme o seu endereço de e-mail",
				[VERIFY_INVITE] = "Aceite o convite",
				[VERIFY_RECOVER] = "Redefina a sua senha",
				[VERIFY_SIGN_IN] = "Entrar",
				[VERIFY_CHANGE] = "Confirme a mudança do seu endereço de e-mail",
			},
		.explanation =
			"Toque no botão para continuar. O link só funciona uma vez; este passo impede que seja gasto por programas que verificam "
			"e-mails.",
		.button = "Continuar",
	},
	{
		.language = "nl",
		.titles =
			{
				[VERIFY_CONFIRM] = "Bevestig je e-mailadres",
				[VERIFY_INVITE] = "Neem de uitnodiging aan",
				[VERIFY_RECOVER] = "Stel je wachtwoord opnieuw in",
				[VERIFY_SIGN_IN] = "Inloggen",
				[VERIFY_CHANGE] = "Bevestig de wijziging van je e-mailadres",
			},
		.explanation =
			"Druk op de knop om verder te gaan. Je link werkt één keer; door deze stap kunnen programma’s die mail controleren hem "
			"niet opmaken.",
		.button = "Verder",
	},
};

/* "de-AT" is served by "de". */
static const struct verify_words *words_named(struct text tag)
{
	struct text language = text_before(tag, '-');

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (text_equal_nocase(language, text_of(table[i].language)))
			return &table[i];
	return NULL;
}

const struct verify_words *verify_words(const struct request *req)
{
	struct text languages[LANGUAGES_MAX];
	size_t count = http_languages(req, languages, LANGUAGES_MAX);

	for (size_t i = 0; i < count; i++) {
		const struct verify_words *words = words_named(languages[i]);

		if (words)
			return words;
	}
	return &table[0];
}
