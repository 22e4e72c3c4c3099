# The commands of this project. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Steps of one target follow each other; cargo and npm use the processors by themselves.
.NOTPARALLEL:

# One target folder for every clone: a first build takes minutes, and most of it is the same everywhere.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/zhengtong/target
# Where the demo keeps its data, and further words for a drill, a benchmark or the demo: make drill-kill ARGS="--help"
export DEMO_DIR ?= .demo
ARGS ?=

.PHONY: help install install-test console demo demo-reset test test-fast lint drills

help: ## list these commands
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z%-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

install: ## install what the demo needs and this machine lacks (Debian, Ubuntu)
	@scripts/install.sh demo

install-test: ## the same for the tests: a browser besides
	@scripts/install.sh test
	@scripts/npm-ci.sh tests/browser

console: ## build the staff console, if its sources have changed
	@scripts/console.sh

demo: install console ## bring up everything on this machine with a sample county
	cargo build --bin zhengtong
	@exec "$(CARGO_TARGET_DIR)/debug/zhengtong" demo $(ARGS)

demo-reset: ## forget the demo's data
	@scripts/demo-reset.sh "$(DEMO_DIR)"

test: install-test lint console ## everything a change must pass
	cargo test --workspace

test-fast: ## the tests alone, on a machine where `make test` has run before
	cargo test --workspace

lint: ## formatting and clippy, no warning allowed
	cargo fmt --all -- --check
	cargo clippy --workspace --all-targets -- -D warnings

drills: ## list the fault drills
	@cargo build --quiet --bin drill
	@"$(CARGO_TARGET_DIR)/debug/drill" list

# Built without -p on purpose: cargo unites the features of all packages it is asked for, and another selection would compile the
# large libraries a second time.
drill-%: ## run one fault drill
	cargo build --bin zhengtong --bin drill
	@exec "$(CARGO_TARGET_DIR)/debug/drill" $* $(ARGS)

bench-%: ## run one benchmark, in release mode
	cargo build --release --bin zhengtong --bin bench
	@exec "$(CARGO_TARGET_DIR)/release/bench" $* $(ARGS)
