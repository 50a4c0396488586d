/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  poweredByHeader: false,
  reactStrictMode: true,
  // Compression would buffer server-sent events and re-compress what the stream already shares between browsers.
  compress: false,
  // Native, WASM or connection-holding clients stay in node_modules instead of the server bundle.
  serverExternalPackages: ['pg', '@prisma/client', '@prisma/adapter-pg', 'pino', 'prom-client'],
};
