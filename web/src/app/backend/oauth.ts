// OAuth 2 for a page that can keep no secret: the code flow with PKCE (RFC 7636) and OpenID Connect's nonce.
// `session.ts` decides when; here is what is said, and where. Nothing here keeps a token.
import type { Config, SignIn } from './config';

/** Where an issuer's doors are; null where it has none. */
export interface Provider {
  readonly authorize: string;
  readonly token: string;
  readonly revoke: string | null;
  /** Where the browser goes to end the issuer's own session, too. */
  readonly logout: string | null;
}

/** What was sent along to the sign-in page, and must come back or be shown. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who signed in, as the issuer says; only for people to see. */
export interface Person {
  readonly subject: string;
  /** The e-mail address, mostly; empty where nothing was said. */
  readonly name: string;
}

export interface Tokens {
  readonly access: string;
  /** In milliseconds since 1970, by the clock of this machine. */
  readonly expires: number;
  readonly refresh: string | null;
  readonly person: Person | null;
}

/** The issuer refused; nothing but signing in again can help. */
export class SessionEndedError extends Error {
  override readonly name = 'SessionEndedError';
}

/** The issuer could not be asked, or answers what it should not. */
export class IssuerError extends Error {
  override readonly name = 'IssuerError';
}

export const CALLBACK = '/signed-in';
const SECONDS = 15;
const RANDOM_BYTES = 32;
const DEFAULT_LIFETIME_SECONDS = 3600; // of a token whose issuer does not say

/** Returns the issuer's addresses: Cognito's are known, another issuer is asked for its own. */
export async function providerOf({ accessMode, signIn }: Config): Promise<Provider> {
  const { url, issuer } = signIn;
  if (accessMode === 'cognito') {
    return {
      authorize: `${url}/oauth2/authorize`,
      token: `${url}/oauth2/token`,
      revoke: `${url}/oauth2/revoke`,
      logout: `${url}/logout`,
    };
  }
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = await documentOf(await ask(address));
  // OpenID Connect Discovery 1.0, section 4.3: else anybody's document would do.
  if (found['issuer'] !== issuer) throw new IssuerError('the issuer calls itself by another name');
  const door = (name: string): string | null => {
    const value = found[`${name}_endpoint`];
    return typeof value === 'string' && isPrivate(value) ? value : null;
  };
  const [authorize, token] = [door('authorization'), door('token')];
  if (!authorize || !token) throw new IssuerError('the issuer does not say where to sign in');
  return { authorize, token, revoke: door('revocation'), logout: door('end_session') };
}

/** Returns what a new sign-in is recognised by. */
export function newAttempt(): Attempt {
  return { state: random(), nonce: random(), verifier: random() };
}

/** Returns the address of the sign-in page. */
export async function authorizeUrl(
  provider: Provider,
  { clientId, scope, audience }: SignIn,
  { state, nonce, verifier }: Attempt,
): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const url = new URL(provider.authorize);
  const query = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: location.origin + CALLBACK,
    scope,
    state,
    nonce,
    code_challenge: base64Url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
    ...(audience && { audience }),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** Returns where the browser ends the issuer's session, and comes back to *home*. */
export function logoutUrl(
  { logout }: Provider,
  { accessMode, signIn }: Config,
  home: string,
): string | null {
  if (!logout) return null;
  const url = new URL(logout);
  url.searchParams.set('client_id', signIn.clientId);
  const back = accessMode === 'cognito' ? 'logout_uri' : 'post_logout_redirect_uri';
  url.searchParams.set(back, home);
  return url.href;
}

/** Changes a code for tokens. Throws `SessionEndedError` or `IssuerError`. */
export async function exchange(
  { token }: Provider,
  { clientId, scope }: SignIn,
  code: string,
  { nonce, verifier }: Attempt,
): Promise<Tokens> {
  const answer = await askToken(token, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: location.origin + CALLBACK,
    code_verifier: verifier,
  });
  const claims = claimsOf(answer['id_token']);
  // It comes straight from the issuer, over TLS: its signature need not be checked (OpenID Connect Core, 3.1.3.7).
  const expected = claims?.['nonce'] === nonce && isFor(claims['aud'], clientId);
  if (scope.split(' ').includes('openid') && !expected) {
    throw new IssuerError('the answer belongs to another sign-in');
  }
  return tokensOf(answer);
}

/** Changes a refresh token for newer tokens. Throws `SessionEndedError` or `IssuerError`. */
export async function refreshed(
  { token }: Provider,
  { clientId }: SignIn,
  refresh: string,
): Promise<Tokens> {
  const body = { grant_type: 'refresh_token', client_id: clientId, refresh_token: refresh };
  return tokensOf(await askToken(token, body));
}

/** Has the issuer forget a refresh token; never throws, since it expires by itself. */
export async function revoke(
  provider: Provider,
  { clientId }: SignIn,
  token: string,
): Promise<void> {
  if (!provider.revoke) return;
  const body = new URLSearchParams({ token, client_id: clientId });
  await ask(provider.revoke, { method: 'POST', body, keepalive: true }).catch(() => undefined);
}

async function askToken(
  address: string,
  body: Record<string, string>,
): Promise<Record<string, unknown>> {
  const response = await ask(address, { method: 'POST', body: new URLSearchParams(body) });
  // 400 and 401 are RFC 6749's refusals (section 5.2); anything else may pass.
  if (response.status === 400 || response.status === 401) {
    throw new SessionEndedError('the issuer refused');
  }
  return documentOf(response);
}

async function ask(address: string, request: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(address, {
      ...request,
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(SECONDS * 1000),
    });
  } catch {
    throw new IssuerError('the sign-in service cannot be reached');
  }
}

async function documentOf(response: Response): Promise<Record<string, unknown>> {
  const found: unknown = response.ok ? await response.json().catch(() => null) : null;
  if (typeof found !== 'object' || !found) {
    throw new IssuerError(`the sign-in service answered with HTTP ${response.status}`);
  }
  return found as Record<string, unknown>;
}

function tokensOf(answer: Record<string, unknown>): Tokens {
  const { access_token: access, refresh_token: refresh, expires_in: seconds } = answer;
  if (typeof access !== 'string' || !access) throw new IssuerError('the issuer gave no token');
  const lifetime = Number(seconds) > 0 ? Number(seconds) : DEFAULT_LIFETIME_SECONDS;
  return {
    access,
    expires: Date.now() + lifetime * 1000,
    refresh: typeof refresh === 'string' ? refresh : null,
    person: personOf(claimsOf(answer['id_token'])),
  };
}

function personOf(claims: Record<string, unknown> | null): Person | null {
  const subject = claims?.['sub'];
  if (!claims || typeof subject !== 'string') return null;
  const names = [claims['email'], claims['preferred_username'], claims['name']];
  return { subject, name: names.find((one) => typeof one === 'string') ?? '' };
}

/** Returns the claims of an ID token; null where it is none. */
function claimsOf(token: unknown): Record<string, unknown> | null {
  if (typeof token !== 'string') return null;
  const [, body = ''] = token.split('.');
  try {
    const text = atob(body.replace(/-/g, '+').replace(/_/g, '/'));
    const bytes = Uint8Array.from(text, (one) => one.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown> | null;
  } catch {
    return null;
  }
}

function isFor(audience: unknown, clientId: string): boolean {
  return audience === clientId || (Array.isArray(audience) && audience.includes(clientId));
}

/** Whether what is sent there can be read by nobody on the way. */
function isPrivate(address: string): boolean {
  return /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])/.test(address);
}

function random(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
}

/** Returns bytes in base64 with the characters that an address may have. */
export function base64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
