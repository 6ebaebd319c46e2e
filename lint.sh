#!/usr/bin/env bash
# Format and style only; scripts/check runs every gate.
set -euo pipefail
cd "$(dirname "$0")"
exec scripts/check format size traps unsafe shell
