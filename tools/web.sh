# lighttpd for one private server. Sourced by quickstart.

web_program() {
	PATH=$PATH:/usr/sbin:/sbin command -v lighttpd
}

# web_configuration SOURCE PORT: a configuration around lighttpd/latchkey.conf. All paths are relative to the folder that lighttpd is
# started in, so that its own path may hold blanks: ./latchkey.fcgi, latchkey.env, run/.
web_configuration() {
	cat <<TEXT
server.bind = "127.0.0.1"
server.port = $2
server.document-root = "run"
server.modules = ()
TEXT
	sed -e 's|^var.latchkey_program = .*|var.latchkey_program = "./latchkey.fcgi -c latchkey.env"|' \
		-e 's|^var.latchkey_socket = .*|var.latchkey_socket = "run/latchkey.socket"|' \
		-e 's|^var.latchkey_prefix = .*|var.latchkey_prefix = "/auth/v1"|' "$1/lighttpd/latchkey.conf"
}
