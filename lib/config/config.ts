import 'server-only';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { webhookOriginsOf } from './webhook-origins.ts';

/** What the web process needs to know, read once from the environment. */
export interface Config {
  readonly databaseUrl: string;
  /** Most connections to the database. The embedded one is a single backend: four are plenty. */
  readonly databasePool: number;
  /** The ingest process: `unix:/path/to.sock` or `http://host:port`, and the bearer it asks for. */
  readonly ingest: { readonly url: string; readonly token: string };
  /** Demo clusters and demo users exist. Only ever on a loopback address. */
  readonly demo: boolean;
  readonly host: string;
  readonly port: number;
  /** Origin that browsers use, e.g. `https://causeway.example.com`. */
  readonly publicUrl: string;
  /** Key material of the session cookie. */
  readonly secret: string;
  readonly oidc: OidcConfig | undefined;
  readonly session: { readonly maxMinutes: number; readonly idleMinutes: number };
  /** Bearer of `/metrics`; without one it answers only where the console listens on loopback. */
  readonly metricsToken: string | undefined;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Factor on all rate limits; 0 turns them off. */
  readonly rateLimit: number;
  /** Where webhooks may go (`webhookOriginsOf`), and what their secrets are sealed with. */
  readonly webhooks: { readonly origins: readonly string[]; readonly consoleSecret: string };
}

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Shown on the sign-in button. */
  readonly name: string;
  readonly scope: string;
  /** Claim of the ID token that lists the groups. */
  readonly groupsClaim: string;
  /** `OIDC_ROLE_MAP` as written; `lib/auth/role-map.ts` checks the names in it. */
  readonly roleMap: unknown;
  readonly stepUp: StepUpSettings;
}

/** What makes a sign-in count as fresh and strong. One of the lists has to be met by the ID token. */
export interface StepUpSettings {
  /** Values of `acr` (or entries of Entra's `acrs`) that count. */
  readonly acr: readonly string[];
  /** Methods of `amr` that count, e.g. `otp`. */
  readonly amr: readonly string[];
  /** Asked for as `acr_values`; a wish that the provider may pass over. */
  readonly acrValues: string | undefined;
  /** The provider cannot say when the person signed in: `iat` is taken instead, and the weakness is said on each decision. */
  readonly noAuthTime: boolean;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** Whether a host name or address never leaves this machine. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

const flag = z
  .enum(['', '0', '1', 'false', 'true'], 'is 1 or 0')
  .default('')
  .transform((text) => text === '1' || text === 'true');
const minutes = (fallback: number) => z.coerce.number('is a number of minutes').int().min(1).max(10_080).default(fallback);
const origin = z.url({ protocol: /^https?$/, error: 'is a URL that begins with http:// or https://' });
const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is not JSON: ${messageOf(error)}` });
    return z.NEVER;
  }
});

/** Methods (RFC 8176) that show more than something known, unless the operator says which. */
const SECOND_FACTORS = ['mfa', 'otp', 'hwk', 'swk', 'fido', 'pop'];
const words = z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean));

const Environment = z.object({
  DATABASE_URL: z.string('is not set').regex(/^postgres(ql)?:\/\//, 'begins with postgresql://'),
  DATABASE_POOL: z.coerce.number('is a number of connections').int().min(1).max(200).default(10),
  INGEST_URL: z.string('is not set').regex(/^(unix:\/|https?:\/\/)/, 'is unix:/path/to.sock or http://host:port'),
  INGEST_TOKEN: z.string('is not set').min(16, 'has at least 16 characters'),
  CAUSEWAY_DEMO: flag,
  CAUSEWAY_HOST: z.string().min(1).default('127.0.0.1'),
  CAUSEWAY_PORT: z.coerce.number('is a port').int().min(1).max(65_535).default(3000),
  CAUSEWAY_PUBLIC_URL: origin.optional(),
  NEXTAUTH_SECRET: z.string('is not set').min(32, 'has at least 32 characters'),
  OIDC_ISSUER: origin.optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_NAME: z.string().min(1).max(60).default('single sign-on'),
  OIDC_SCOPE: z.string().min(1).default('openid profile email'),
  OIDC_GROUPS_CLAIM: z.string().min(1).default('groups'),
  OIDC_ROLE_MAP: json.optional(),
  OIDC_STEP_UP_ACR: words.optional(),
  OIDC_STEP_UP_AMR: words.optional(),
  OIDC_ACR_VALUES: z.string().min(1).optional(),
  OIDC_NO_AUTH_TIME: flag,
  SESSION_MINUTES: minutes(8 * 60),
  SESSION_IDLE_MINUTES: minutes(60),
  METRICS_TOKEN: z.string().min(16, 'has at least 16 characters').optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `is one of ${LOG_LEVELS.join(', ')}`).default('info'),
  CAUSEWAY_RATE_LIMIT: z.coerce.number('is a factor, e.g. 2').min(0).max(1000).default(1),
});

/** Secrets that may also come from a file, named by `<NAME>_FILE`. */
const FROM_FILE = ['DATABASE_URL', 'INGEST_TOKEN', 'NEXTAUTH_SECRET', 'OIDC_CLIENT_SECRET', 'METRICS_TOKEN'] as const;

/**
 * The environment as a configuration. Throws `not-configured` with one line for each variable that is wrong; no value is repeated in it.
 * Demo mode is refused beside an issuer and on any address but loopback: its users need no password.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  for (const name of FROM_FILE) {
    const file = given[`${name}_FILE`];
    if (file !== undefined) given[name] = readSecret(`${name}_FILE`, file);
  }
  const { data, error } = Environment.safeParse(given);
  if (!data) {
    throw notConfigured(
      error.issues.map(
        ({ path, message }) => `${path.join('.')} ${/^(is|has|begins) /.test(message) ? message : `is wrong: ${message}`}`,
      ),
    );
  }
  const publicUrl = new URL(data.CAUSEWAY_PUBLIC_URL ?? localUrl(data.CAUSEWAY_HOST, data.CAUSEWAY_PORT)).origin;
  const problems = [...demoProblems(data, publicUrl), ...oidcProblems(data)];
  if (problems.length > 0) throw notConfigured(problems);
  return {
    databaseUrl: data.DATABASE_URL,
    databasePool: data.DATABASE_POOL,
    ingest: { url: data.INGEST_URL, token: data.INGEST_TOKEN },
    demo: data.CAUSEWAY_DEMO,
    host: data.CAUSEWAY_HOST,
    port: data.CAUSEWAY_PORT,
    publicUrl,
    secret: data.NEXTAUTH_SECRET,
    oidc: oidcOf(data),
    session: { maxMinutes: data.SESSION_MINUTES, idleMinutes: data.SESSION_IDLE_MINUTES },
    metricsToken: data.METRICS_TOKEN,
    logLevel: data.LOG_LEVEL,
    rateLimit: data.CAUSEWAY_RATE_LIMIT,
    webhooks: { origins: webhookOriginsOf(given), consoleSecret: data.NEXTAUTH_SECRET },
  };
}

let parsed: Config | undefined;

/** The configuration of this process. */
export const config = (): Config => (parsed ??= parseConfig(process.env));

type Parsed = z.infer<typeof Environment>;

function demoProblems({ CAUSEWAY_DEMO, CAUSEWAY_HOST, OIDC_ISSUER }: Parsed, publicUrl: string): string[] {
  if (!CAUSEWAY_DEMO) return [];
  return [
    ...(OIDC_ISSUER
      ? ['CAUSEWAY_DEMO is set beside OIDC_ISSUER: demo users sign in without a password, choose one of the two']
      : []),
    ...(isLoopback(CAUSEWAY_HOST)
      ? []
      : ['CAUSEWAY_DEMO is set while CAUSEWAY_HOST is not a loopback address: demo users sign in without a password']),
    ...(isLoopback(new URL(publicUrl).hostname)
      ? []
      : ['CAUSEWAY_DEMO is set while CAUSEWAY_PUBLIC_URL is not a loopback address']),
  ];
}

function oidcProblems({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_ROLE_MAP }: Parsed): string[] {
  const rest = { OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_ROLE_MAP };
  if (!OIDC_ISSUER) {
    const stray = Object.entries(rest).find(([, value]) => value !== undefined);
    return stray ? [`OIDC_ISSUER is not set, though ${stray[0]} is`] : [];
  }
  const { protocol, hostname } = new URL(OIDC_ISSUER);
  return [
    ...Object.entries(rest).flatMap(([name, value]) =>
      value === undefined ? [`${name} is not set, though OIDC_ISSUER is`] : [],
    ),
    ...(protocol === 'https:' || isLoopback(hostname)
      ? []
      : ['OIDC_ISSUER begins with https:// unless it is on a loopback address']),
  ];
}

function oidcOf(data: Parsed): OidcConfig | undefined {
  if (!data.OIDC_ISSUER || !data.OIDC_CLIENT_ID || !data.OIDC_CLIENT_SECRET) return undefined;
  return {
    issuer: data.OIDC_ISSUER,
    clientId: data.OIDC_CLIENT_ID,
    clientSecret: data.OIDC_CLIENT_SECRET,
    name: data.OIDC_NAME,
    scope: data.OIDC_SCOPE,
    groupsClaim: data.OIDC_GROUPS_CLAIM,
    roleMap: data.OIDC_ROLE_MAP,
    stepUp: stepUpOf(data),
  };
}

/** Whoever names the `acr` that counts does not want a list of methods to count beside it, unless it is named too. */
const stepUpOf = ({
  OIDC_STEP_UP_ACR: acr,
  OIDC_STEP_UP_AMR: amr,
  OIDC_ACR_VALUES,
  OIDC_NO_AUTH_TIME,
}: Parsed): StepUpSettings => ({
  acr: acr ?? [],
  amr: amr ?? (acr ? [] : SECOND_FACTORS),
  acrValues: OIDC_ACR_VALUES ?? acr?.join(' '),
  noAuthTime: OIDC_NO_AUTH_TIME,
});

const localUrl = (host: string, port: number): string =>
  `http://${host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (error) {
    throw notConfigured([`${name} cannot be read: ${messageOf(error)}`]);
  }
}

const notConfigured = (problems: readonly string[]) => new CausewayError('not-configured', problems.join('\n'));
