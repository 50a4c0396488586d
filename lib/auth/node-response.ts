/** Where next-auth leads when it failed, as a whole text or within its JSON. */
const FAILED = /https?:\/\/[^"\s]*\/api\/auth\/error\?error=(\w+)[^"\s]*/;

/** As much of Node's response as next-auth's handler for API routes uses, kept as a web `Response`. */
export class NodeResponse {
  readonly #headers = new Map<string, string | readonly string[]>();
  #status = 200;
  #body: string | null = null;

  status(status: number): this {
    this.#status = status;
    return this;
  }
  getHeader(name: string): string | readonly string[] | undefined {
    return this.#headers.get(name.toLowerCase());
  }
  setHeader(name: string, value: string | readonly string[]): this {
    this.#headers.set(name.toLowerCase(), value);
    return this;
  }
  json(value: unknown): void {
    this.setHeader('content-type', 'application/json');
    this.#body = JSON.stringify(value);
  }
  send(value: unknown): void {
    if (value === undefined) return;
    if (typeof value === 'string') this.#body = value;
    else this.json(value);
  }
  end(): void {}

  /** The answer, with one more cookie. A failure leads to `page`, where one is given, instead of to next-auth's own. */
  finished(cookie: string | undefined, page: string | undefined): Response {
    const headers = new Headers({ 'cache-control': 'no-store' });
    const led = (text: string) =>
      page === undefined ? text : text.replace(FAILED, (_, code: string) => `${page}?error=${code}`);
    for (const [name, value] of this.#headers) {
      for (const each of [value].flat()) headers.append(name, name === 'location' ? led(each) : each);
    }
    if (cookie !== undefined) headers.append('set-cookie', cookie);
    return new Response(this.#body && led(this.#body), { status: this.#status, headers });
  }
}

/** The cookies of a header by name, decoded where they can be. */
export function cookiesOf(header: string | null): Record<string, string> {
  const pairs = (header ?? '').split(';').flatMap((part) => {
    const at = part.indexOf('=');
    return at > 0 ? [[part.slice(0, at).trim(), decoded(part.slice(at + 1).trim())] as const] : [];
  });
  return Object.fromEntries(pairs);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
