#!/usr/bin/env bash
# Makes `echarts.min.js` anew, and the licences beside it, from npm: the versions are those of `package-lock.json`.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json entry.js "$work"
(cd "$work" && npm ci --silent --ignore-scripts --no-audit --no-fund)
# Legal comments stay: they stand at the end of the bundle.
(cd "$work" && node_modules/.bin/esbuild entry.js --bundle --minify --format=iife --global-name=echarts --target=es2020 \
    --charset=ascii --legal-comments=eof --define:process.env.NODE_ENV='"production"') >"$work/echarts.min.js"
# In a page the bundle stands between script tags.
if grep -qi '</script\|<!--' "$work/echarts.min.js"; then
    echo 'the bundle has what would end or comment out a script' >&2
    exit 1
fi
cp "$work/echarts.min.js" .
{
    cat "$work/node_modules/echarts/NOTICE"
    printf '\n\n== Apache ECharts ==\n\n'
    cat "$work/node_modules/echarts/LICENSE"
    printf '\n\n== d3 ==\n\n'
    cat "$work/node_modules/echarts/licenses/LICENSE-d3"
    printf '\n\n== zrender ==\n\n'
    cat "$work/node_modules/zrender/LICENSE"
    printf '\n\n== tslib ==\n\n'
    cat "$work/node_modules/tslib/LICENSE.txt"
} >LICENSES.txt
