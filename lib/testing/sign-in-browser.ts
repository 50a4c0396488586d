import { answerAuth, type AuthCall } from '#lib/auth/next-auth.ts';
import { pageRequest, PUBLIC_URL, SESSION_COOKIE } from './platform.ts';

/**
 * A browser that keeps cookies per origin and follows redirects by hand, the console's own by calling its handler. It fills in the forms of
 * `oidc-provider`'s development pages as `person`.
 */
export class SignInBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #call: AuthCall;

  constructor(call: Partial<AuthCall> = {}) {
    this.#call = {
      log: { info: () => {}, warn: () => {} },
      request: { id: 'request-of-tests', address: '192.0.2.7', userAgent: 'test' },
      note: () => {},
      ...call,
    };
  }

  async send(url: string, init: { method?: string; form?: Record<string, string> } = {}): Promise<Response> {
    const { origin, pathname, search } = new URL(url);
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie && { cookie }), ...(init.form && { 'content-type': 'application/x-www-form-urlencoded' }) };
    const body = init.form && new URLSearchParams(init.form).toString();
    const method = init.method ?? 'GET';
    const response =
      origin === PUBLIC_URL
        ? await answerAuth(
            pageRequest(pathname + search, { method, headers, ...(body && { body }) }),
            pathname.split('/').slice(3),
            this.#call,
          )
        : await fetch(url, { method, headers, ...(body && { body }), redirect: 'manual' });
    for (const line of response?.headers.getSetCookie() ?? []) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (pair.slice(at + 1) === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response ?? new Response(null, { status: 404 });
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(PUBLIC_URL)?.get(name);
  }

  setCookie(name: string, value: string): void {
    this.#cookies.get(PUBLIC_URL)?.set(name, value);
  }

  /** The `Cookie` header of the session. */
  get session(): string {
    return `${SESSION_COOKIE}=${this.cookie(SESSION_COOKIE)}`;
  }

  /** Begins a sign-in as a page does, and gives the address of the provider. `query` is what a person adds to the path by hand. */
  async begin(callbackUrl: string, query = ''): Promise<string> {
    const started = await this.post(`signin/oidc${query}`, { callbackUrl });
    return ((await started.json()) as { url: string }).url;
  }

  /** Posts a form below `/api/auth` as a page does. */
  async post(path: string, form: Record<string, string>): Promise<Response> {
    const csrf = await this.send(`${PUBLIC_URL}/api/auth/csrf`);
    const { csrfToken } = (await csrf.json()) as { csrfToken: string };
    return this.send(`${PUBLIC_URL}/api/auth/${path}`, { method: 'POST', form: { csrfToken, json: 'true', ...form } });
  }

  /** Follows redirects, fills in the provider's forms, and stops where the console sends the person in the end. */
  async follow(url: string, person: string, onCallback: (url: URL) => void = () => {}): Promise<string> {
    let next = url;
    for (let step = 0; step < 20; step += 1) {
      const target = new URL(next);
      if (target.origin === PUBLIC_URL && !target.pathname.startsWith('/api/auth/')) return next;
      if (target.pathname === '/api/auth/callback/oidc') {
        onCallback(target);
        next = target.href;
      }
      const response = await this.send(next);
      const location = response.headers.get('location');
      if (location !== null) {
        next = new URL(location, next).href;
        continue;
      }
      const page = await response.text();
      const action = /action="([^"]+)"/.exec(page)?.[1];
      if (!action) throw new Error(`no way on from ${next} (${response.status}): ${page.slice(0, 300)}`);
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? 'login';
      const answer = await this.send(new URL(action, next).href, {
        method: 'POST',
        form: { prompt, login: person, password: 'x' },
      });
      next = new URL(answer.headers.get('location') ?? '', next).href;
    }
    throw new Error('the sign-in goes round in circles');
  }
}
