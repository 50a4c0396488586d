import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';

/** What each layer may import besides itself: other layers, and packages by name. ARCHITECTURE.md tells the reasons. */
const LAYERS = {
  core: {
    files: /^lib\/(flow|ledger|topology|world|policy|audit|audit-log|flow-logs|preflight|migration|receipts|errors)\//,
    layers: [],
    packages: /^(zod|yaml|re2js|ipaddr\.js|canonicalize|saxes|diff|hash-wasm|@noble\/.+)$/,
  },
  contract: { files: /^lib\/api\//, layers: ['core'], packages: /^zod$/ },
  config: { files: /^lib\/config\//, layers: ['core'], packages: /^(zod|server-only|node:.+)$/ },
  adapter: {
    files: /^lib\/(relay|bus|db|kubernetes|keys|witness|webhooks|spire|prometheus|aegisflux)\//,
    layers: ['core', 'contract', 'config'],
    packages: /./,
  },
  usecase: {
    files: /^lib\/(usecases|ingest)\//,
    layers: ['core', 'contract', 'adapter', 'config'],
    packages: /^(server-only|node:.+|pino|prom-client)$/,
  },
  edge: { files: /^lib\/(auth|http)\//, layers: ['core', 'contract', 'config', 'adapter'], packages: /./ },
  // The demo cluster is a relay of its own: nothing else may know it is there.
  demo: { files: /^lib\/demo\//, layers: ['core', 'adapter', 'config'], packages: /^(node:.+|@grpc\/.+)$/ },
  cli: {
    files: /^lib\/cli\//,
    layers: ['core', 'contract', 'config', 'adapter', 'usecase', 'edge', 'demo'],
    packages: /^(node:.+|commander|cli-progress|pino)$/,
  },
  component: {
    files: /^components\//,
    layers: ['core', 'contract'],
    packages:
      /^(react|react-dom|next\/.+|next-themes|nuqs(\/.+)?|@xyflow\/.+|d3-.+|@codemirror\/.+|codemirror|@lezer\/.+|radix-ui|lucide-react|cmdk|swr(\/.+)?|html-to-image|@tanstack\/react-virtual|zod)$/,
  },
  app: {
    files: /^(app\/|proxy\.ts|instrumentation\.ts)/,
    layers: ['core', 'contract', 'config', 'edge', 'usecase', 'component', 'adapter'],
    packages: /^(react|next|next\/.+|next-auth(\/.+)?|nuqs\/.+|geist\/.+|zod|server-only|node:.+)$/,
  },
} satisfies Record<string, { files: RegExp; layers: string[]; packages: RegExp }>;

const layerOf = (path: string) => Object.entries(LAYERS).find(([, { files }]) => files.test(path))?.[0];

const sources = [
  ...['app', 'components', 'lib'].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => join(root, file)),
  ),
  ...readdirSync('.').filter((file) => /^(proxy|instrumentation)\.ts$/.test(file)),
].filter((file) => /[.]tsx?$/.test(file) && !/[.]test[.]tsx?$|^lib\/testing\/|^lib\/db\/generated\//.test(file));

test('every source file belongs to a layer', () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter((file) => !layerOf(file))).toEqual([]);
});

test.each(sources)('%s imports only what its layer may', (file) => {
  const from = layerOf(file) as keyof typeof LAYERS;
  const allowed: { layers: string[]; packages: RegExp } = LAYERS[from];
  const { staticImports, staticExports, dynamicImports } = parseSync(file, readFileSync(file, 'utf8')).module;
  const requests = [
    ...staticImports.map((entry) => entry.moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
  ];
  expect(dynamicImports).toBeDefined();
  const forbidden = requests.filter((request) => {
    if (!/^[#.]/.test(request)) return !allowed.packages.test(request);
    if (request.endsWith('.css')) return false;
    const to = layerOf(request.startsWith('#') ? request.slice(1) : join(dirname(file), request));
    return to !== from && !allowed.layers.includes(to ?? '');
  });
  expect(forbidden).toEqual([]);
});
