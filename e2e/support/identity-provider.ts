import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Grant as ProviderGrant, type Interaction } from 'oidc-provider';

/** Someone at the provider. */
export interface ProviderPerson {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A real OpenID provider on loopback, with a page that asks for a name and, when wanted, for a second factor. */
export interface IdentityProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/** `urn:causeway:aal2` is what a sign-in with the second factor carries. */
export const SECOND_FACTOR_ACR = 'urn:causeway:aal2';
const PASSWORD_ACR = 'urn:causeway:aal1';

/**
 * Starts the provider for a console at `consoleUrl`. A sign-in page has a field `login`, a box `Second factor` and a button `Sign in`; whoever leaves the
 * box empty comes back with a password only. `auth_time`, `acr`, `amr` and `groups` are in every ID token.
 */
export async function startIdentityProvider(
  people: Readonly<Record<string, ProviderPerson>>,
  consoleUrl: string,
): Promise<IdentityProvider> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error('the provider failed:', error);
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'causeway',
        client_secret: 'a-secret-of-the-journey',
        redirect_uris: [`${consoleUrl}/api/auth/callback/oidc`],
        require_auth_time: true,
      },
    ],
    claims: { openid: ['sub', 'groups', 'acr', 'amr'], profile: ['name'], email: ['email'] },
    conformIdTokenClaims: false,
    acrValues: [PASSWORD_ACR, SECOND_FACTOR_ACR],
    cookies: { keys: ['a-key-of-the-journey'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: Interaction) => `/interaction/${uid}` },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    // Every scope is granted: no page of consent.
    loadExistingGrant: async (context: {
      oidc: { client: { clientId: string }; session: { accountId: string } };
    }): Promise<ProviderGrant> => {
      const grant = new provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, uid] = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '') ?? [];
    if (uid === undefined) return provider.callback()(request, response);
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(signInPage(uid));
      return;
    }
    const form = new URLSearchParams(await bodyOf(request));
    const accountId = form.get('login') ?? '';
    if (!Object.hasOwn(people, accountId)) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(signInPage(uid, 'nobody of that name'));
      return;
    }
    const second = form.get('second') === 'on';
    await provider.interactionFinished(
      request,
      response,
      { login: { accountId, acr: second ? SECOND_FACTOR_ACR : PASSWORD_ACR, amr: second ? ['pwd', 'otp', 'mfa'] : ['pwd'] } },
      { mergeWithLastSubmission: false },
    );
  }

  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const signInPage = (uid: string, problem = ''): string =>
  `<!doctype html><html lang="en"><title>Provider</title><main><h1>Provider</h1><p>${problem}</p><form method="post" action="/interaction/${uid}">
<label>Login <input name="login" autocomplete="off"></label> <label><input type="checkbox" name="second"> Second factor</label> <button>Sign in</button></form></main></html>`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
