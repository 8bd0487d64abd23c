# lighttpd/latchkey.conf for the service that systemd starts: the socket is its own, nothing is started here.
s|^# Works as it is: .*|# lighttpd in front of latchkey.service. Debian: lighty-enable-mod latchkey. The settings are in|
s|^# /etc/latchkey/latchkey.env (latchkey.conf(5)).*|# /etc/latchkey/latchkey.env, see latchkey.conf(5).|
s|^# The program with its settings, where it listens.*|# Where the service listens (latchkey.socket), and the path it answers under:|
/^var.latchkey_program/d
s|^var.latchkey_socket = .*|var.latchkey_socket = "/run/latchkey/latchkey.socket"|
/"bin-path"/d
/one manager, which starts/d
/"max-procs"/d
/"listen-backlog"/d
