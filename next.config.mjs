/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  poweredByHeader: false,
  reactStrictMode: true,
  // Next drops the encoding that a route handler names; lib/http/gzip.ts says how the streams use this.
  headers: async () =>
    ['flows', 'topology', 'migration'].map((what) => ({
      source: `/api/v1/clusters/:cluster/${what}/stream`,
      has: [{ type: 'header', key: 'accept-encoding', value: String.raw`(?!.*gzip;\s*q=0(?:\.0*)?(?:\s|,|$)).*gzip.*` }],
      headers: [{ key: 'Content-Encoding', value: 'gzip' }],
    })),
  // Compression would buffer server-sent events and re-compress what the stream already shares between browsers.
  compress: false,
  // Native, WASM or connection-holding clients stay in node_modules instead of the server bundle.
  serverExternalPackages: ['pg', '@prisma/client', '@prisma/adapter-pg', 'pino', 'prom-client'],
};
