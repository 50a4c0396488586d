import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMigrations } from './migrate.ts';

/** As much of Prisma's schema engine as is used; its own entry point needs a loader of WebAssembly modules, which Node 20 has not. */
interface SchemaEngine {
  diff(params: object): Promise<{ readonly exitCode: number; readonly stdout: string | null }>;
}
interface EngineModule {
  readonly __wbg_set_wasm: (exports: WebAssembly.Exports) => void;
  readonly SchemaEngine: { new: (options: object, debug: (line: string) => void, adapter: object) => Promise<SchemaEngine> };
}

const SCHEMA = 'prisma/schema';
const MIGRATIONS = 'prisma/migrations';
const files = readdirSync(SCHEMA).map((name) => ({
  path: join(SCHEMA, name),
  content: readFileSync(join(SCHEMA, name), 'utf8'),
}));
const database = new PGlite('memory://');
let engine: SchemaEngine;

beforeAll(async () => {
  const wasm = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm');
  const { __wbg_set_wasm: bind, SchemaEngine } = engineModule as unknown as EngineModule;
  const instance = await WebAssembly.instantiate(readFileSync(wasm), {
    './schema_engine_bg.js': engineModule as unknown as WebAssembly.ModuleImports,
  });
  bind(instance.instance.exports);
  (instance.instance.exports['__wbindgen_start'] as () => void)();
  engine = await SchemaEngine.new(
    { datamodels: files.map(({ path, content }) => [path, content]) },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(database)),
  );
});
afterAll(() => database.close());

const fromMigrations = (migrations = readMigrations(MIGRATIONS)) => ({
  tag: 'migrations',
  baseDir: resolve(MIGRATIONS),
  lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"' },
  shadowDbInitScript: '',
  migrationDirectories: migrations.map(({ name, sql }) => ({
    path: name,
    migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
  })),
});
const toSchema = (schema = files) => ({ tag: 'schemaDatamodel', files: schema });

/** The SQL that makes `to` of `from`; a comment alone when nothing is to be done. */
async function difference(from: object, to: object): Promise<string> {
  const filters = { externalTables: [], externalEnums: [] };
  const { stdout } = await engine.diff({ from, to, script: true, exitCode: null, shadowDatabaseUrl: null, filters });
  return stdout ?? '';
}

test('what the migrations make is what the schema says', async () => {
  expect(await difference(fromMigrations(), toSchema())).toMatch(/^-- This is an empty migration\.\s*$/);
});

test('a column that only one of them has would be found, in partitioned tables too', async () => {
  const other = files.map(({ path, content }) => ({
    path,
    content: content
      .replace('model Cluster {', 'model Cluster {\n  forgotten Int?')
      .replace('model RollupMinute {', 'model RollupMinute {\n  forgotten Int?')
      .replace('  userAgent String    @map("user_agent")\n', ''),
  }));
  const script = await difference(fromMigrations(), toSchema(other));
  expect(script).toMatch(/ALTER TABLE "cluster" ADD COLUMN\s+"forgotten" INTEGER/);
  expect(script).toMatch(/ALTER TABLE "rollup_minute" ADD COLUMN\s+"forgotten" INTEGER/);
  expect(script).toMatch(/ALTER TABLE "session" DROP COLUMN "user_agent"/);
});
