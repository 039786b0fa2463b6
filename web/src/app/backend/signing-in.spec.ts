import { TestBed } from '@angular/core/testing';
import { runningStack } from '../state/sample-stack';
import { readKept } from './kept';
import { SampleBrowser } from './sample-browser';
import { type Issuer, SIGN_IN } from './sample-issuer';

const ADA = { subject: 'ada', name: 'ada@example.com' };

describe('signing in', () => {
  let browser: SampleBrowser;
  let issuer: Issuer;

  beforeEach(async () => {
    browser = new SampleBrowser();
    issuer = browser.issuer;
    await runningStack({ issuer });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it('is open where everybody may come in, and asks no issuer', async () => {
    TestBed.resetTestingModule();
    await runningStack();
    const session = browser.tab();
    await session.begin();

    expect(session.state()).toEqual({ state: 'open' });
    expect(session.usable()).toBe(true);
    expect(await session.token()).toBe('');
  });

  it('begins signed out, and says nothing', async () => {
    const session = browser.tab();
    await session.begin();

    expect(session.state()).toEqual({ state: 'out', note: '', again: false });
    expect(issuer.requests).toEqual([]);
  });

  it('sends one to the sign-in page with a challenge, a state and a nonce', async () => {
    await browser.tab().signIn('/');

    const url = new URL(browser.assigned[0] ?? '');
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
    const session = await browser.signedIn();

    expect(session.state()).toEqual({ state: 'in', person: ADA });
    expect(issuer.accessTokens).toContain(await session.token());
  });

  it('takes the code out of the address at once, and shows the page that one came from', async () => {
    await browser.tab().signIn('/images/01B');
    browser.at('/signed-in', issuer.signIn(browser.assigned[0] ?? ''));
    const replaced = vi.spyOn(history, 'replaceState').mockReturnValue();

    browser.tab().arrive();

    expect(replaced.mock.calls.map(([, , url]) => url)).toEqual(['/images/01B']);
    expect(issuer.requests).toEqual([]);
  });

  it.each([
    ['?code=code-1&state=forged', 'That sign-in was not begun in this window.'],
    ['?error=access_denied&state=', 'You did not sign in.'],
  ])('uses no answer to a sign-in that it has not begun: %s', async (search, note) => {
    await browser.tab().signIn('/');
    issuer.signIn(browser.assigned[0] ?? '');
    browser.at('/signed-in', search);
    const session = browser.tab();
    session.arrive();
    await session.begin();

    expect(session.state()).toEqual({ state: 'out', note, again: false });
    expect(issuer.requests).toEqual([]);
  });

  it('takes an answer once', async () => {
    await browser.tab().signIn('/');
    const answer = issuer.signIn(browser.assigned[0] ?? '');
    const states = [];
    for (const session of [browser.tab(), browser.tab()]) {
      browser.at('/signed-in', answer);
      session.arrive();
      await session.begin();
      states.push(session.state().state);
    }

    expect(states).toEqual(['in', 'out']);
  });

  it('refuses tokens of another sign-in: the nonce is not its own', async () => {
    issuer.nonce = 'other';
    const session = await browser.signedIn();

    expect(session.state()).toMatchObject({ state: 'out' });
    expect(readKept()).toBeNull();
  });

  it('keeps no access token, nor anything of it in an address', async () => {
    const session = await browser.signedIn();
    const token = await session.token();

    const stored = JSON.stringify([localStorage, sessionStorage]);
    expect(stored).toContain('refresh-');
    expect(stored).not.toContain(token);
    await session.signOut();
    expect(browser.assigned.join()).not.toMatch(/access-|refresh-|token/);
  });

  describe('at another issuer', () => {
    const oidc = { ...SIGN_IN, url: '', audience: 'https://api.example' };

    beforeEach(async () => {
      TestBed.resetTestingModule();
      await runningStack({ issuer, signIn: { accessMode: 'oidc', signIn: oidc } });
    });

    it('asks it where its doors are, and names the audience', async () => {
      issuer.discovered['end_session_endpoint'] = 'https://issuer.example/end';
      const session = await browser.signedIn();
      expect(session.state().state).toBe('in');
      expect(new URL(browser.assigned[0] ?? '').searchParams.get('audience')).toBe(
        'https://api.example',
      );

      await session.signOut();

      expect(browser.assigned.at(-1)).toBe(
        'https://issuer.example/end?client_id=page&post_logout_redirect_uri=https%3A%2F%2Fpage.example%2F',
      );
    });

    it('stays here after signing out where it has no door for that', async () => {
      const session = await browser.signedIn();

      await session.signOut();

      expect(browser.assigned.length).toBe(1);
      expect(session.state().state).toBe('out');
    });

    it.each([
      [{ issuer: 'https://other.example' }, 'another name'],
      [{ token_endpoint: 'http://issuer.example/oauth2/token' }, 'where to sign in'],
    ])('does not go where %j says', async (changes, words) => {
      Object.assign(issuer.discovered, changes);
      const session = browser.tab();

      expect(await session.signIn('/')).toBe(false);

      expect(browser.assigned).toEqual([]);
      const state = session.state();
      expect(state.state === 'out' && state.note).toContain(words);
    });
  });
});
