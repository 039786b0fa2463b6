import { TestBed } from '@angular/core/testing';
import { type Stack, runningStack } from '../state/sample-stack';
import { Api } from './api';
import { KEPT, keep, readKept } from './kept';
import { Issuer, SIGN_IN } from './sample-issuer';
import { Session } from './session';

const ADA = { subject: 'ada', name: 'ada@example.com' };
const HOUR = 3_600_000;

describe('the session', () => {
  let issuer: Issuer;
  let stack: Stack;
  let assigned: string[];
  let reloaded: number;

  beforeEach(async () => {
    issuer = new Issuer();
    assigned = [];
    reloaded = 0;
    localStorage.clear();
    sessionStorage.clear();
    vi.stubGlobal('isSecureContext', true);
    at('/images/01A');
    stack = await runningStack({ issuer });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  /** Has the browser be at an address. */
  function at(pathname: string, search = ''): void {
    vi.stubGlobal('location', {
      origin: 'https://page.example',
      pathname,
      search,
      assign: (url: string) => assigned.push(url),
      reload: () => (reloaded += 1),
    });
  }

  /** Opens the page in another tab, or again. */
  function tab(): Session {
    return TestBed.runInInjectionContext(() => new Session());
  }

  /** Signs in by the issuer's page, and returns the page that is come back to. */
  async function signedIn(back = '/images/01A'): Promise<Session> {
    await tab().signIn(back);
    at('/signed-in', issuer.signIn(assigned.at(-1) ?? ''));
    const session = tab();
    session.arrive();
    at('/');
    await session.begin();
    return session;
  }

  it('is open where everybody may come in, and asks no issuer', async () => {
    TestBed.resetTestingModule();
    await runningStack();
    const session = tab();
    await session.begin();

    expect(session.state()).toEqual({ state: 'open' });
    expect(session.usable()).toBe(true);
    expect(await session.token()).toBe('');
  });

  it('begins signed out, and says nothing', async () => {
    const session = tab();
    await session.begin();

    expect(session.state()).toEqual({ state: 'out', note: '', again: false });
    expect(issuer.requests).toEqual([]);
  });

  it('sends one to the sign-in page with a challenge, a state and a nonce', async () => {
    await tab().signIn('/');

    const url = new URL(assigned[0] ?? '');
    expect(url.origin + url.pathname).toBe('https://issuer.example/oauth2/authorize');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'page',
      redirect_uri: 'https://page.example/signed-in',
      scope: 'openid email',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(url.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
    }
    expect(url.searchParams.has('audience')).toBe(false);
  });

  it('changes the code for tokens that only this page could ask for', async () => {
    const session = await signedIn();

    expect(session.state()).toEqual({ state: 'in', person: ADA });
    expect(issuer.accessTokens).toContain(await session.token());
  });

  it('takes the code out of the address at once, and shows the page that one came from', async () => {
    await tab().signIn('/images/01B');
    at('/signed-in', issuer.signIn(assigned[0] ?? ''));
    const replaced = vi.spyOn(history, 'replaceState').mockReturnValue();

    tab().arrive();

    expect(replaced.mock.calls.map(([, , url]) => url)).toEqual(['/images/01B']);
    expect(issuer.requests).toEqual([]);
  });

  it.each([
    ['?code=code-1&state=forged', 'That sign-in was not begun in this window.'],
    ['?error=access_denied&state=', 'You did not sign in.'],
  ])('uses no answer to a sign-in that it has not begun: %s', async (search, note) => {
    await tab().signIn('/');
    issuer.signIn(assigned[0] ?? '');
    at('/signed-in', search);
    const session = tab();
    session.arrive();
    await session.begin();

    expect(session.state()).toEqual({ state: 'out', note, again: false });
    expect(issuer.requests).toEqual([]);
  });

  it('takes an answer once', async () => {
    await tab().signIn('/');
    const answer = issuer.signIn(assigned[0] ?? '');
    const states = [];
    for (const session of [tab(), tab()]) {
      at('/signed-in', answer);
      session.arrive();
      await session.begin();
      states.push(session.state().state);
    }

    expect(states).toEqual(['in', 'out']);
  });

  it('refuses tokens of another sign-in: the nonce is not its own', async () => {
    issuer.nonce = 'other';
    const session = await signedIn();

    expect(session.state()).toMatchObject({ state: 'out' });
    expect(readKept()).toBeNull();
  });

  it('keeps no access token, nor anything of it in an address', async () => {
    const session = await signedIn();
    const token = await session.token();

    const stored = JSON.stringify([localStorage, sessionStorage]);
    expect(stored).toContain('refresh-');
    expect(stored).not.toContain(token);
    await session.signOut();
    expect(assigned.join()).not.toMatch(/access-|refresh-|token/);
  });

  it('goes on after a reload, without asking anybody to sign in', async () => {
    await signedIn();
    const session = tab();
    await session.begin();

    expect(session.state()).toEqual({ state: 'in', person: ADA });
  });

  it('offers to try again where the issuer cannot be reached, and loses nothing', async () => {
    await signedIn();
    issuer.reachable = false;
    const session = tab();
    await session.begin();
    expect(session.state()).toMatchObject({ state: 'out', again: true });

    issuer.reachable = true;
    await session.beginAgain();
    expect(session.state().state).toBe('in');
  });

  it('renews its token before it ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const session = await signedIn();
    const before = session.accessToken();

    await vi.advanceTimersByTimeAsync(HOUR - 61_000);
    expect(session.accessToken()).toBe(before);
    await vi.advanceTimersByTimeAsync(2_000);

    expect(session.accessToken()).not.toBe(before);
    expect(session.state().state).toBe('in');
  });

  it('renews a token that has ended while the browser slept, once for all that wait for it', async () => {
    issuer.lifetimeSeconds = 1;
    const session = await signedIn();
    issuer.lifetimeSeconds = 3600;

    const tokens = await Promise.all([session.token(), session.token(), session.token()]);

    expect(new Set(tokens).size).toBe(1);
    expect(issuer.requests).toEqual(['authorization_code', 'refresh_token']);
  });

  it('goes on with a refresh token that the issuer does not change', async () => {
    issuer.rotates = false;
    const session = await signedIn();
    await session.renewAfter(session.accessToken());
    await session.renewAfter(session.accessToken());

    expect(session.state().state).toBe('in');
  });

  it.each(['with locks', 'without locks'])(
    'uses no refresh token twice in two tabs, %s',
    async (how) => {
      vi.stubGlobal('navigator', how === 'with locks' ? { locks: new Locks() } : {});
      const first = await signedIn();
      const second = tab();
      await second.begin();
      for (const session of [first, second, first]) await session.renewAfter(session.accessToken());
      if (how === 'with locks') {
        await Promise.all([first, second].map((one) => one.renewAfter(one.accessToken())));
      }

      expect([first.state().state, second.state().state]).toEqual(['in', 'in']);
    },
  );

  it('goes on with the token that another tab kept while its own was refused, without locks', async () => {
    vi.stubGlobal('navigator', {});
    const session = await signedIn();
    vi.spyOn(issuer, 'fetch').mockImplementationOnce(async () => {
      issuer.refreshTokens.add('next');
      keep({ refresh: 'next', person: ADA });
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    });

    await session.renewAfter(session.accessToken());

    expect(session.state().state).toBe('in');
    expect(issuer.accessTokens).toContain(session.accessToken());
  });

  it('begins from nothing when a renewal shows that another person has signed in', async () => {
    const session = await signedIn();
    issuer.person = { sub: 'eve', email: 'eve@example.com' };
    issuer.refreshTokens.add('eve');
    keep({ refresh: 'eve', person: { subject: 'eve', name: '' } });
    const token = session.accessToken();

    await session.renewAfter(token);

    expect(reloaded).toBe(1);
    expect(session.accessToken()).toBe(token);
    expect(issuer.refreshTokens).toContain(readKept()?.refresh);
  });

  it.each([true, false])(
    'lasts as long as its page where storage is forbidden: %j',
    async (rotates) => {
      issuer.rotates = rotates;
      const forbidden = (): never => {
        throw new DOMException('forbidden', 'SecurityError');
      };
      vi.stubGlobal('localStorage', {
        getItem: forbidden,
        setItem: forbidden,
        removeItem: forbidden,
      });
      const session = await signedIn();
      for (let round = 0; round < 3; round += 1) await session.renewAfter(session.accessToken());

      expect(session.state().state).toBe('in');
    },
  );

  it('keeps a token of months, and one of a minute nearly as long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    issuer.lifetimeSeconds = 90 * 86_400;
    const session = await signedIn();
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(issuer.requests).toEqual(['authorization_code']);
    issuer.lifetimeSeconds = 60;
    await session.renewAfter(session.accessToken());
    issuer.requests.length = 0;
    await vi.advanceTimersByTimeAsync(44_000);
    expect(issuer.requests).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);

    expect(issuer.requests).toEqual(['refresh_token']);
  });

  it('tries to renew again by itself after the issuer was away', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const session = await signedIn();
    const before = session.accessToken();
    issuer.reachable = false;
    await vi.advanceTimersByTimeAsync(HOUR - 50_000);
    expect(session.accessToken()).toBe(before);
    issuer.reachable = true;
    await vi.advanceTimersByTimeAsync(16_000);

    expect(session.accessToken()).not.toBe(before);
  });

  it('has expired when the issuer refuses, and leaves what is on the page', async () => {
    const session = await signedIn();
    issuer.endAll();

    await expect(session.renewAfter(session.accessToken())).rejects.toThrow();

    expect(session.state()).toEqual({ state: 'expired', person: ADA });
    expect(session.usable()).toBe(false);
  });

  it('has not expired while the issuer is only away', async () => {
    const session = await signedIn();
    issuer.reachable = false;

    await expect(session.renewAfter(session.accessToken())).rejects.toThrow('cannot be reached');

    expect(session.state().state).toBe('in');
  });

  it('goes on in an expired tab when the same person signs in in another', async () => {
    const session = await signedIn();
    issuer.endAll();
    await session.renewAfter(session.accessToken()).catch(() => undefined);
    const again = session.usableAgain(new AbortController().signal);

    await signedIn();

    await vi.waitUntil(() => session.state().state === 'in');
    TestBed.tick();
    await again;
    expect(issuer.accessTokens).toContain(session.accessToken());
    expect(reloaded).toBe(0);
  });

  it('begins from nothing when another person signs in in another tab', async () => {
    await signedIn();
    issuer.person = { sub: 'eve', email: 'eve@example.com' };

    await signedIn();

    await vi.waitUntil(() => reloaded > 0);
  });

  it('ends everywhere when one signs out', async () => {
    const [first, second] = [await signedIn(), tab()];
    await second.begin();

    await first.signOut();
    dispatchEvent(new StorageEvent('storage', { key: KEPT, newValue: null }));

    const out = { state: 'out', note: 'You have signed out.', again: false };
    expect([first.state(), second.state()]).toEqual([out, out]);
    expect([first.accessToken(), second.accessToken()]).toEqual(['', '']);
    expect(readKept()).toBeNull();
    expect(issuer.refreshTokens.size).toBe(0);
    expect(assigned.at(-1)).toBe(
      'https://issuer.example/logout?client_id=page&logout_uri=https%3A%2F%2Fpage.example%2F',
    );
  });

  it('is not brought back by a renewal that was under way when one signed out', async () => {
    const session = await signedIn();
    const renewal = session.renewAfter(session.accessToken());
    keep(null); // in another tab, whose event is still to come

    await expect(renewal).rejects.toThrow();

    expect(readKept()).toBeNull();
    expect(session.accessToken()).toBe('');
  });

  it('ends with its token where the issuer gives none to renew it', async () => {
    issuer.givesRefresh = false;
    issuer.lifetimeSeconds = 1;
    const session = await signedIn();

    await expect(session.token()).rejects.toThrow();

    expect(session.state().state).toBe('expired');
  });

  it('begins anew with what is no session in the browser', async () => {
    localStorage.setItem(KEPT, '{"refresh": 7');
    const session = tab();
    await session.begin();

    expect(session.state().state).toBe('out');
  });

  describe('at another issuer', () => {
    const oidc = { ...SIGN_IN, url: '', audience: 'https://api.example' };

    beforeEach(async () => {
      TestBed.resetTestingModule();
      stack = await runningStack({ issuer, signIn: { accessMode: 'oidc', signIn: oidc } });
    });

    it('asks it where its doors are, and names the audience', async () => {
      issuer.discovered['end_session_endpoint'] = 'https://issuer.example/end';
      const session = await signedIn();
      expect(session.state().state).toBe('in');
      expect(new URL(assigned[0] ?? '').searchParams.get('audience')).toBe('https://api.example');

      await session.signOut();

      expect(assigned.at(-1)).toBe(
        'https://issuer.example/end?client_id=page&post_logout_redirect_uri=https%3A%2F%2Fpage.example%2F',
      );
    });

    it('stays here after signing out where it has no door for that', async () => {
      const session = await signedIn();

      await session.signOut();

      expect(assigned.length).toBe(1);
      expect(session.state().state).toBe('out');
    });

    it.each([
      [{ issuer: 'https://other.example' }, 'another name'],
      [{ token_endpoint: 'http://issuer.example/oauth2/token' }, 'where to sign in'],
    ])('does not go where %j says', async (changes, words) => {
      Object.assign(issuer.discovered, changes);
      const session = tab();

      expect(await session.signIn('/')).toBe(false);

      expect(assigned).toEqual([]);
      const state = session.state();
      expect(state.state === 'out' && state.note).toContain(words);
    });
  });

  describe('and the API', () => {
    let api: Api;
    let session: Session;

    beforeEach(async () => {
      await signedIn();
      session = TestBed.inject(Session);
      await session.begin();
      api = TestBed.inject(Api);
      stack.requests.length = 0;
    });

    it('is told who asks', async () => {
      expect((await api.me()).owner).toBe('ada');
    });

    it('is asked once more with a newer token when it refuses one', async () => {
      issuer.accessTokens.clear();

      expect((await api.me()).owner).toBe('ada');
      expect(stack.requests).toEqual(['GET /api/me', 'GET /api/me']);
    });

    it('is not asked a third time', async () => {
      vi.spyOn(issuer.accessTokens, 'has').mockReturnValue(false);

      await expect(api.me()).rejects.toMatchObject({ status: 401 });
      expect(stack.requests).toEqual(['GET /api/me', 'GET /api/me']);
      expect(session.state().state).toBe('in');
    });

    it('is not asked any more once the session has ended', async () => {
      issuer.endAll();
      await expect(api.me()).rejects.toMatchObject({ code: 'not_signed_in', status: 401 });
      await expect(api.me()).rejects.toMatchObject({ code: 'not_signed_in', status: 401 });

      expect(stack.requests).toEqual(['GET /api/me']);
    });

    it('cannot be reached where the issuer cannot', async () => {
      issuer.accessTokens.clear();
      issuer.reachable = false;

      await expect(api.me()).rejects.toMatchObject({ code: 'api_unreachable', status: 0 });
    });
  });
});

/** A browser's locks, of which there is one here. */
class Locks {
  private last: Promise<unknown> = Promise.resolve();

  request<T>(_name: string, act: () => Promise<T>): Promise<T> {
    const result = this.last.then(act);
    this.last = result.catch(() => undefined);
    return result;
  }
}
