// An issuer for tests, as strict as a real one: a code and a refresh token are good once, a code only for who
// began that sign-in, and a refresh token that is used twice ends the session.
export const ISSUER = 'https://issuer.example';

export const SIGN_IN = {
  issuer: ISSUER,
  clientId: 'page',
  url: ISSUER,
  scope: 'openid email',
  audience: '',
};

export class Issuer {
  /** What was asked of it, such as `authorization_code`, and addresses that are no token's. */
  readonly requests: string[] = [];
  readonly accessTokens = new Set<string>();
  readonly refreshTokens = new Set<string>();
  /** What its discovery document says of itself. */
  discovered: Record<string, string> = {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/oauth2/authorize`,
    token_endpoint: `${ISSUER}/oauth2/token`,
  };
  person = { sub: 'ada', email: 'ada@example.com' };
  lifetimeSeconds = 3600;
  reachable = true;
  rotates = true;
  givesRefresh = true;
  /** Makes every ID token one of another sign-in. */
  nonce: string | undefined;
  private readonly codes = new Map<string, URLSearchParams>();
  private last = 0;

  /** Does what a person does at the sign-in page; returns the query that the browser comes back with. */
  signIn(address: string): string {
    const asked = new URL(address).searchParams;
    const code = `code-${++this.last}`;
    this.codes.set(code, asked);
    return `?code=${code}&state=${asked.get('state') ?? ''}`;
  }

  /** Ends every session, as an administrator does. */
  endAll(): void {
    this.refreshTokens.clear();
    this.accessTokens.clear();
  }

  async fetch(url: URL, request?: RequestInit): Promise<Response> {
    if (!this.reachable) throw new TypeError('Failed to fetch');
    if (url.pathname.endsWith('openid-configuration')) return Response.json(this.discovered);
    const body = request?.body as URLSearchParams;
    const grant = body.get('grant_type');
    this.requests.push(grant ?? url.pathname);
    if (url.pathname === '/oauth2/revoke') {
      this.refreshTokens.delete(body.get('token') ?? '');
      return Response.json({});
    }
    if (grant === 'authorization_code') return this.change(body);
    return this.refresh(body.get('refresh_token') ?? '');
  }

  private async change(body: URLSearchParams): Promise<Response> {
    const code = body.get('code') ?? '';
    const asked = this.codes.get(code);
    this.codes.delete(code);
    const proof = await challengeOf(body.get('code_verifier') ?? '');
    const fits =
      asked?.get('code_challenge') === proof &&
      asked.get('code_challenge_method') === 'S256' &&
      asked.get('redirect_uri') === body.get('redirect_uri');
    return fits ? this.tokens(asked.get('nonce') ?? '') : refusal();
  }

  private refresh(token: string): Response {
    if (!this.refreshTokens.has(token)) {
      this.endAll(); // somebody has stolen it, as far as one can know
      return refusal();
    }
    if (this.rotates) this.refreshTokens.delete(token);
    return this.tokens();
  }

  private tokens(nonce?: string): Response {
    const [access, refresh] = [`access-${++this.last}`, `refresh-${++this.last}`];
    this.accessTokens.add(access);
    const gives = this.givesRefresh && (this.rotates || nonce !== undefined);
    if (gives) this.refreshTokens.add(refresh);
    const claims = { ...this.person, aud: 'page', nonce: this.nonce ?? nonce };
    return Response.json({
      access_token: access,
      expires_in: this.lifetimeSeconds,
      id_token: `e30.${btoa(JSON.stringify(claims))}.signature`,
      ...(gives && { refresh_token: refresh }),
    });
  }
}

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const text = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function refusal(): Response {
  return Response.json({ error: 'invalid_grant' }, { status: 400 });
}
