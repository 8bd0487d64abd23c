/* types.c: the thirteen kinds of mail as data (contract 06 sections 7.1, 8.1). */
#include "cgi-src/mail/mail_int.h"

#define CONTACT "<p>If this was not you, please contact support at once.</p>"

const struct mail_type mail_types[SETTINGS_MAIL_KINDS] = {
	[MAIL_INVITE] = {"invite", "invite", "invite", "invite", "Error sending invite email", "You've been invited",
			 "<h2>You've been invited</h2>"
			 "<p>Somebody would like you to join them and has asked us to send you this.</p>"
			 "<p><a href=\"{{ .ConfirmationURL }}\">Accept the invitation</a></p>"},
	[MAIL_CONFIRMATION] = {"confirmation", "confirmation", "signup", "signup", "Error sending confirmation email", "Confirm your email address",
			       "<h2>Confirm your email address</h2>"
			       "<p>One more step and your account is ready: tell us that this address is yours.</p>"
			       "<p><a href=\"{{ .ConfirmationURL }}\">Confirm this address</a></p>"},
	[MAIL_RECOVERY] = {"recovery", "recovery", "recovery", "recovery", "Error sending recovery email", "Reset your password",
			   "<h2>Reset your password</h2>"
			   "<p>With the link below you are signed in and can choose a new password.</p>"
			   "<p><a href=\"{{ .ConfirmationURL }}\">Reset the password</a></p>"
			   "<p>If you did not ask for this, you can ignore this mail.</p>"},
	[MAIL_EMAIL_CHANGE] = {"email_change", "email_change", "email_change", "email_change", "Error sending email change email",
			       "Confirm your new email address",
			       "<h2>Confirm your new email address</h2>"
			       "<p>The address of your account is to become {{ .NewEmail }}.</p>"
			       "<p><a href=\"{{ .ConfirmationURL }}\">Confirm the change</a></p>"
			       "<p>If you did not ask for this, you can ignore this mail.</p>"},
	[MAIL_MAGIC_LINK] = {"magic_link", "magic_link", "magiclink", "magiclink", "Error sending magic link email", "Your sign-in link",
			     "<h2>Your sign-in link</h2>"
			     "<p>This link signs you in. It works once.</p>"
			     "<p><a href=\"{{ .ConfirmationURL }}\">Sign in</a></p>"},
	[MAIL_REAUTHENTICATION] = {"reauthentication", "reauthenticate", "reauthentication", NULL, "Error sending reauthentication email",
				   "{{ .Token }} is your verification code",
				   "<h2>Your verification code</h2>"
				   "<p>Enter this code to go on:</p>"
				   "<p>{{ .Token }}</p>"},
	[MAIL_PASSWORD_CHANGED] = {"password_changed_notification", "password_changed_notification", "password_changed_notification", NULL,
				   "Error sending password changed notification email", "Your password was changed",
				   "<h2>Your password was changed</h2>"
				   "<p>The password of your account is a new one from now on.</p>" CONTACT},
	[MAIL_EMAIL_CHANGED] = {"email_changed_notification", "email_changed_notification", "email_changed_notification", NULL,
				"Error sending email changed notification email", "Your email address was changed",
				"<h2>Your email address was changed</h2>"
				"<p>The address of your account was {{ .OldEmail }} and now is {{ .Email }}.</p>" CONTACT},
	[MAIL_PHONE_CHANGED] = {"phone_changed_notification", "phone_changed_notification", "phone_changed_notification", NULL,
				"Error sending phone changed notification email", "Your phone number was changed",
				"<h2>Your phone number was changed</h2>"
				"<p>The number of your account was {{ .OldPhone }} and now is {{ .Phone }}.</p>" CONTACT},
	[MAIL_IDENTITY_LINKED] = {"identity_linked_notification", "identity_linked_notification", "identity_linked_notification", NULL,
				  "Error sending identity linked notification email", "A new sign-in method was linked to your account",
				  "<h2>A new sign-in method was linked to your account</h2>"
				  "<p>{{ .Provider }} now signs in to the account of {{ .Email }}.</p>" CONTACT},
	[MAIL_IDENTITY_UNLINKED] = {"identity_unlinked_notification", "identity_unlinked_notification", "identity_unlinked_notification", NULL,
				    "Error sending identity unlinked notification email", "A sign-in method was removed from your account",
				    "<h2>A sign-in method was removed from your account</h2>"
				    "<p>{{ .Provider }} no longer signs in to the account of {{ .Email }}.</p>" CONTACT},
	[MAIL_FACTOR_ENROLLED] = {"mfa_factor_enrolled_notification", "mfa_factor_enrolled_notification", "mfa_factor_enrolled_notification", NULL,
				  "Error sending MFA factor enrolled notification email", "A new verification method was added to your account",
				  "<h2>A new verification method was added to your account</h2>"
				  "<p>Its kind is {{ .FactorType }}.</p>" CONTACT},
	[MAIL_FACTOR_UNENROLLED] = {"mfa_factor_unenrolled_notification", "mfa_factor_unenrolled_notification", "mfa_factor_unenrolled_notification",
				    NULL, "Error sending MFA factor unenrolled notification email",
				    "A verification method was removed from your account",
				    "<h2>A verification method was removed from your account</h2>"
				    "<p>Its kind was {{ .FactorType }}.</p>" CONTACT},
};
