// One HTML file that needs nothing else: the data as JSON, the script that draws it, the style. What strangers named is only ever in the JSON;
// the policy lets nothing run but the script whose hash it names, and nothing be fetched.
import { createHash } from 'node:crypto';
import type { ClientAssets } from './client-assets.ts';
import type { ReportData } from './data.ts';
import { embedded } from './reduce.ts';

export function htmlPage(data: ReportData, { script, style }: ClientAssets): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>foresail report</title>
<style>${style}</style>
</head>
<body>
<noscript>This report draws its charts with a script of its own and fetches nothing; the script was not allowed to run.</noscript>
<main id="report"></main>
<script type="application/json" id="data">${embedded(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
