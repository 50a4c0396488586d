import { defineConfig } from 'prisma/config';

// The connection is the console's own (`lib/db`): Prisma's command line only reads the schema here.
export default defineConfig({ schema: 'prisma/schema', migrations: { path: 'prisma/migrations' } });
