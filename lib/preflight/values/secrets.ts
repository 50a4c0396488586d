import { isRecord } from '#lib/policy/schema/problems.ts';

const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/;
/** Leaves that are secrets by their name. */
const NAMES =
  /^(password|passwd|token|secret|secretkey|privatekey|accesskey|secretaccesskey|clientsecret|apikey|bearertoken|authkey)$/i;
/** `key` is one where a certificate stands beside it. */
const CERTIFICATE = /^(tls|ca|server|client|admin|remote|peer)$/i;
const ENVIRONMENT = /secret|token|password|private_?key|access_?key/i;
const DEEPEST = 40;

/** `value` without what is secret in it, as a copy; `paths` says where something was. Objects keyed by outside data keep their keys. */
export function withoutSecrets(value: unknown): { readonly value: unknown; readonly paths: readonly string[] } {
  const paths: string[] = [];
  return { value: clean(value, [], paths), paths };
}

function clean(value: unknown, path: readonly string[], paths: string[]): unknown {
  if (path.length > DEEPEST) return undefined;
  if (Array.isArray(value)) return value.flatMap((item, index) => keep(clean(item, [...path, `[${index}]`], paths)));
  if (isRecord(value)) {
    const name = value['name'];
    const isSecretVariable = typeof name === 'string' && ENVIRONMENT.test(name) && typeof value['value'] === 'string';
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, member]) => {
        const at = [...path, key];
        const cleaned = isSecretVariable && key === 'value' ? secret(at, paths) : clean(member, at, paths);
        return cleaned === undefined ? [] : [[key, cleaned]];
      }),
    );
  }
  return typeof value === 'string' && isSecret(value, path) ? secret(path, paths) : value;
}

const keep = (value: unknown): unknown[] => (value === undefined ? [] : [value]);

function secret(path: readonly string[], paths: string[]): undefined {
  paths.push(path.join('.').replaceAll('.[', '['));
  return undefined;
}

function isSecret(text: string, path: readonly string[]): boolean {
  if (text === '') return false;
  const name = path.at(-1) ?? '';
  return PRIVATE_KEY.test(text) || NAMES.test(name) || (name === 'key' && CERTIFICATE.test(path.at(-2) ?? ''));
}
