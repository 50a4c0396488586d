import { existsSync, readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { imagePaths } from '#lib/testing/installed.ts';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const ignored = readFileSync('.dockerignore', 'utf8').split('\n').filter(Boolean);
const { engines, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string }; version: string };
const lines = (instruction: string): string[] =>
  [...dockerfile.matchAll(new RegExp(`^${instruction} ((?:.*\\\\\\n)*.*)$`, 'gm'))].map(([, rest]) => rest ?? '');

/** What the build makes; everything else that is copied is in the repository. */
const MADE = ['node_modules', 'dist', '.next/standalone'];

test('the Dockerfile has no mistake that a builder would find', () => {
  expect(validate(dockerfile)).toEqual([]);
});

test('a validator that finds nothing would not do', () => {
  expect(validate('FROM node:24\nEXPOZE 3000\n')).not.toEqual([]);
});

test('base images are whole versions of one Node, 24 or newer', () => {
  const images = lines('FROM').map((rest) => rest.split(' ')[0] ?? '');
  expect(images).toHaveLength(2);
  expect(new Set(images).size).toBe(1);
  expect(images[0]).toMatch(/^node:(2[4-9]|[3-9]\d)\.\d+\.\d+-[a-z]+-slim$/);
  expect(engines.node).toBe('>=20.19');
  expect(dockerfile).not.toContain('latest');
  expect(dockerfile).toContain(`causeway:${version}`);
});

test('it runs as an ordinary user, writes only its data, and says whether it is ready', () => {
  expect(lines('USER')).toEqual(['node']);
  expect(dockerfile.indexOf('\nUSER ')).toBeLessThan(dockerfile.indexOf('\nENTRYPOINT '));
  expect(lines('VOLUME')).toEqual(['/data']);
  expect(lines('HEALTHCHECK').join('')).toContain('/api/health/ready');
  expect(lines('CMD').at(-1)).toContain('"--data", "/data"');
});

test('what is copied from the repository is there, and is sent to the builder', () => {
  const fromContext = lines('COPY')
    .filter((rest) => !rest.startsWith('--from'))
    .flatMap((rest) => rest.split(' ').slice(0, -1));
  const fromBuild = imagePaths().filter((path) => !MADE.includes(path));
  expect([...fromContext, ...fromBuild].filter((path) => !existsSync(path))).toEqual([]);
  expect(fromContext.filter((path) => ignored.includes(path))).toEqual([]);
  expect(imagePaths()).toEqual(expect.arrayContaining(MADE));
  expect(ignored).toEqual(expect.arrayContaining(['.git', 'node_modules', '.next', 'dist', '.causeway', 'lib/db/generated']));
});
