# API keys as Supabase clients want them: HS256 tokens with a role and no user. Sourced by quickstart.

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# xor_block KEY BYTE: the 64 characters of KEY, each combined with BYTE (RFC 2104)
xor_block() {
	local at code
	for ((at = 0; at < 64; at++)); do
		printf -v code '%d' "'${1:at:1}"
		printf '%b' "$(printf '\\x%02x' $((code ^ $2)))"
	done
}

# hmac KEY <TEXT: HMAC-SHA256 with a key of exactly 64 ASCII characters, which no process list ever shows
hmac() {
	local key=$1
	{ xor_block "$key" 0x5c && { xor_block "$key" 0x36 && cat; } | openssl dgst -sha256 -binary; } | openssl dgst -sha256 -binary
}

# make_key SECRET ROLE: a token for ten years
make_key() {
	local now text
	now=$(date +%s)
	text=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url).$(printf '{"iss":"latchkey","role":"%s","iat":%d,"exp":%d}' "$2" "$now" $((now + 315360000)) | base64url)
	echo "$text.$(printf '%s' "$text" | hmac "$1" | base64url)"
}
