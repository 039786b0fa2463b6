import { TestBed } from '@angular/core/testing';
import { type Stack, runningStack } from '../state/sample-stack';
import { Api } from './api';
import { KEPT, keep, readKept } from './kept';
import { SampleBrowser } from './sample-browser';
import type { Issuer } from './sample-issuer';
import { Session } from './session';

const ADA = { subject: 'ada', name: 'ada@example.com' };
const HOUR = 3_600_000;

describe('the session', () => {
  let browser: SampleBrowser;
  let issuer: Issuer;
  let stack: Stack;

  beforeEach(async () => {
    browser = new SampleBrowser();
    issuer = browser.issuer;
    stack = await runningStack({ issuer });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it('goes on after a reload, without asking anybody to sign in', async () => {
    await browser.signedIn();
    const session = browser.tab();
    await session.begin();

    expect(session.state()).toEqual({ state: 'in', person: ADA });
  });

  it('offers to try again where the issuer cannot be reached, and loses nothing', async () => {
    await browser.signedIn();
    issuer.reachable = false;
    const session = browser.tab();
    await session.begin();
    expect(session.state()).toMatchObject({ state: 'out', again: true });

    issuer.reachable = true;
    await session.beginAgain();
    expect(session.state().state).toBe('in');
  });

  it('renews its token before it ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const session = await browser.signedIn();
    const before = session.accessToken();

    await vi.advanceTimersByTimeAsync(HOUR - 61_000);
    expect(session.accessToken()).toBe(before);
    await vi.advanceTimersByTimeAsync(2_000);

    expect(session.accessToken()).not.toBe(before);
    expect(session.state().state).toBe('in');
  });

  it('renews a token that has ended while the browser slept, once for all that wait for it', async () => {
    issuer.lifetimeSeconds = 1;
    const session = await browser.signedIn();
    issuer.lifetimeSeconds = 3600;

    const tokens = await Promise.all([session.token(), session.token(), session.token()]);

    expect(new Set(tokens).size).toBe(1);
    expect(issuer.requests).toEqual(['authorization_code', 'refresh_token']);
  });

  it('goes on with a refresh token that the issuer does not change', async () => {
    issuer.rotates = false;
    const session = await browser.signedIn();
    await session.renewAfter(session.accessToken());
    await session.renewAfter(session.accessToken());

    expect(session.state().state).toBe('in');
  });

  it.each(['with locks', 'without locks'])(
    'uses no refresh token twice in two tabs, %s',
    async (how) => {
      vi.stubGlobal('navigator', how === 'with locks' ? { locks: new Locks() } : {});
      const first = await browser.signedIn();
      const second = browser.tab();
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
    const session = await browser.signedIn();
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
    const session = await browser.signedIn();
    issuer.person = { sub: 'eve', email: 'eve@example.com' };
    issuer.refreshTokens.add('eve');
    keep({ refresh: 'eve', person: { subject: 'eve', name: '' } });
    const token = session.accessToken();

    await session.renewAfter(token);

    expect(browser.reloaded).toBe(1);
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
      const session = await browser.signedIn();
      for (let round = 0; round < 3; round += 1) await session.renewAfter(session.accessToken());

      expect(session.state().state).toBe('in');
    },
  );

  it('keeps a token of months, and one of a minute nearly as long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    issuer.lifetimeSeconds = 90 * 86_400;
    const session = await browser.signedIn();
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
    const session = await browser.signedIn();
    const before = session.accessToken();
    issuer.reachable = false;
    await vi.advanceTimersByTimeAsync(HOUR - 50_000);
    expect(session.accessToken()).toBe(before);
    issuer.reachable = true;
    await vi.advanceTimersByTimeAsync(16_000);

    expect(session.accessToken()).not.toBe(before);
  });

  it('has expired when the issuer refuses, and leaves what is on the page', async () => {
    const session = await browser.signedIn();
    issuer.endAll();

    await expect(session.renewAfter(session.accessToken())).rejects.toThrow();

    expect(session.state()).toEqual({ state: 'expired', person: ADA });
    expect(session.usable()).toBe(false);
  });

  it('has not expired while the issuer is only away', async () => {
    const session = await browser.signedIn();
    issuer.reachable = false;

    await expect(session.renewAfter(session.accessToken())).rejects.toThrow('cannot be reached');

    expect(session.state().state).toBe('in');
  });

  it('goes on in an expired tab when the same person signs in in another', async () => {
    const session = await browser.signedIn();
    issuer.endAll();
    await session.renewAfter(session.accessToken()).catch(() => undefined);
    const again = session.usableAgain(new AbortController().signal);

    await browser.signedIn();

    await vi.waitUntil(() => session.state().state === 'in');
    TestBed.tick();
    await again;
    expect(issuer.accessTokens).toContain(session.accessToken());
    expect(browser.reloaded).toBe(0);
  });

  it('begins from nothing when another person signs in in another tab', async () => {
    await browser.signedIn();
    issuer.person = { sub: 'eve', email: 'eve@example.com' };

    await browser.signedIn();

    await vi.waitUntil(() => browser.reloaded > 0);
  });

  it('ends everywhere when one signs out', async () => {
    const [first, second] = [await browser.signedIn(), browser.tab()];
    await second.begin();

    await first.signOut();
    dispatchEvent(new StorageEvent('storage', { key: KEPT, newValue: null }));

    const out = { state: 'out', note: 'You have signed out.', again: false };
    expect([first.state(), second.state()]).toEqual([out, out]);
    expect([first.accessToken(), second.accessToken()]).toEqual(['', '']);
    expect(readKept()).toBeNull();
    expect(issuer.refreshTokens.size).toBe(0);
    expect(browser.assigned.at(-1)).toBe(
      'https://issuer.example/logout?client_id=page&logout_uri=https%3A%2F%2Fpage.example%2F',
    );
  });

  it('is not brought back by a renewal that was under way when one signed out', async () => {
    const session = await browser.signedIn();
    const renewal = session.renewAfter(session.accessToken());
    keep(null); // in another tab, whose event is still to come

    await expect(renewal).rejects.toThrow();

    expect(readKept()).toBeNull();
    expect(session.accessToken()).toBe('');
  });

  it('ends with its token where the issuer gives none to renew it', async () => {
    issuer.givesRefresh = false;
    issuer.lifetimeSeconds = 1;
    const session = await browser.signedIn();

    await expect(session.token()).rejects.toThrow();

    expect(session.state().state).toBe('expired');
  });

  it('begins anew with what is no session in the browser', async () => {
    localStorage.setItem(KEPT, '{"refresh": 7');
    const session = browser.tab();
    await session.begin();

    expect(session.state().state).toBe('out');
  });

  describe('and the API', () => {
    let api: Api;
    let session: Session;

    beforeEach(async () => {
      await browser.signedIn();
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
