/** As much of oidc-provider, which ships no types, as the tests use. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Account {
    readonly accountId: string;
    claims(): Readonly<Record<string, unknown>>;
  }
  interface Configuration {
    readonly clients: readonly {
      readonly client_id: string;
      readonly client_secret: string;
      readonly redirect_uris: readonly string[];
      readonly require_auth_time?: boolean;
    }[];
    readonly claims: Readonly<Record<string, readonly string[]>>;
    readonly conformIdTokenClaims: boolean;
    readonly acrValues?: readonly string[];
    readonly cookies: { readonly keys: readonly string[] };
    readonly features?: { readonly devInteractions?: { readonly enabled: boolean } };
    readonly interactions?: { url(context: unknown, interaction: Interaction): string };
    findAccount(context: unknown, id: string): Account;
    loadExistingGrant?(context: {
      readonly oidc: { readonly client: { readonly clientId: string }; readonly session: { readonly accountId: string } };
    }): Promise<Grant>;
  }
  export interface Interaction {
    readonly uid: string;
  }
  export interface Grant {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }
  export default class Provider {
    constructor(issuer: string, configuration: Configuration);
    readonly Grant: new (of: { readonly clientId: string; readonly accountId: string }) => Grant;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    on(event: 'server_error', listener: (context: unknown, error: Error) => void): this;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { readonly login: { readonly accountId: string; readonly acr?: string; readonly amr?: readonly string[] } },
      options: { readonly mergeWithLastSubmission: boolean },
    ): Promise<void>;
  }
}
