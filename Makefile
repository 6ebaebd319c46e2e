# Only forwards; what is done is in scripts/. What needs Docker: dev-up, dev-down, logs, promote.
.PHONY: run test check bench autobahn fuzz lint prove-restart setup programs dev-up dev-down logs metrics smoke-test \
	load-test load-test-5k load-test-10k monitor monitor-30 test-integration promote promote-blue promote-green

# Without what make adds to the environment: for another one, Swift builds everything anew.
SHELL = /usr/bin/env
.SHELLFLAGS = -u MAKELEVEL -u MAKEFLAGS -u MFLAGS bash -c

URL ?= http://127.0.0.1:8000
WS = ws$(URL:http%=%)/ws?mode=echo

run: ; scripts/run
test: ; scripts/test
check: ; scripts/check
bench: ; scripts/bench
autobahn: ; scripts/test-autobahn
fuzz: ; scripts/fuzz
lint: ; ./lint.sh
prove-restart: ; scripts/prove-restart

setup: ; scripts/setup test
programs: ; swift build -c release
test-integration: ; swift test --filter EndToEndTests

dev-up: ; docker compose --profile proxy --profile observe up --build --detach
dev-down: ; docker compose --profile proxy --profile observe --profile colours down
logs: ; docker compose logs --follow app
promote: ; scripts/promote
promote-blue: ; scripts/promote blue
promote-green: ; scripts/promote green

metrics: ; curl --silent --show-error $(URL)/metrics
smoke-test: programs ; scripts/smoke-test $(URL)
load-test: programs ; .build/release/wsload '$(WS)' --sockets 100 --rate 10 --duration 60
load-test-5k: programs ; .build/release/wsload '$(WS)' --sockets 5000 --duration 60 --html load-test.html
load-test-10k: programs ; .build/release/wsload '$(WS)' --sockets 10000 --duration 60 --html load-test.html
monitor: programs ; timeout --foreground 60 .build/release/wsconsole || [ $$? = 124 ]
monitor-30: programs ; timeout --foreground 30 .build/release/wsconsole || [ $$? = 124 ]
