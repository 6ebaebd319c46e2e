# Only forwards; what is done is in scripts/.
.PHONY: run test check bench autobahn fuzz lint prove-restart

run: ; scripts/run
test: ; scripts/test
check: ; scripts/check
bench: ; scripts/bench
autobahn: ; scripts/test-autobahn
fuzz: ; scripts/fuzz
lint: ; ./lint.sh
prove-restart: ; scripts/prove-restart
