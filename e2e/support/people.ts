import { type APIResponse, type Browser, expect, type Page } from '@playwright/test';
import type { ProviderPerson } from './identity-provider.ts';

/** Someone with a browser of their own, who signs in at the provider. */
export class Person {
  readonly login: string;
  readonly name: string;
  readonly page: Page;

  private constructor(login: string, name: string, page: Page) {
    this.login = login;
    this.name = name;
    this.page = page;
  }

  static async signIn(browser: Browser, baseURL: string, login: string, { name }: ProviderPerson): Promise<Person> {
    const context = await browser.newContext({ baseURL, viewport: { width: 1440, height: 900 } });
    const person = new Person(login, name, await context.newPage());
    await person.page.goto('/sign-in');
    await person.page.getByRole('button', { name: /Sign in|Continue/ }).click();
    await person.atProvider({ secondFactor: false });
    await person.page.waitForURL((url) => url.origin === new URL(baseURL).origin && !url.pathname.startsWith('/sign-in'));
    return person;
  }

  /** A demo user, who is signed in on `page`. */
  static demo(name: string, page: Page): Person {
    return new Person(name, name, page);
  }

  /** Fills in the provider's page. */
  async atProvider({
    secondFactor,
    login = this.login,
  }: {
    readonly secondFactor: boolean;
    readonly login?: string;
  }): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Login' }).fill(login);
    if (secondFactor) await this.page.getByRole('checkbox', { name: 'Second factor' }).check();
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Asks the API as this person's browser would. */
  async send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<APIResponse> {
    const origin = new URL(this.page.url()).origin;
    return this.page.request.fetch(`/api/v1${path}`, {
      method,
      headers: { origin, ...headers },
      ...(body !== undefined && { data: body }),
    });
  }

  /** As `send`, and fails with the problem when it is refused. */
  async ask<T>(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await this.send(method, path, body, headers);
    if (!response.ok()) throw new Error(`${this.name}: ${method} ${path}: ${response.status()} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** On the page of a step-up: signs in afresh with a second factor, decides, and comes back. */
  async stepUp(): Promise<void> {
    await this.page.waitForURL(/\/step-up\//);
    await this.page.getByRole('button', { name: /Sign in again/ }).click();
    await this.atProvider({ secondFactor: true });
    await this.page.waitForURL(/\/step-up\//);
    await this.page.getByRole('region', { name: 'Decision' }).getByRole('button').first().click();
    await this.page.waitForURL(/\/migration/);
  }

  async openPhase(cluster: string, phase: number): Promise<void> {
    await this.page.goto(`/c/${cluster}/migration?phase=${phase}`);
    await expect(this.page.getByRole('heading', { name: 'Gate', exact: true })).toBeVisible();
  }
}
