import { TestBed } from '@angular/core/testing';
import { type Stack, runningStack, signedInStack } from '../state/sample-stack';
import { PictureCookie } from './picture-cookie';
import { Session } from './session';

const HOUR = 3_600_000;
const OPENED = 'POST /api/session';

describe('the cookie that opens private pictures', () => {
  let stack: Stack;
  let cookie: PictureCookie;
  let now = Date.parse('2026-11-29T10:00:00Z');

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    vi.setSystemTime(now);
    stack = await signedInStack();
    cookie = TestBed.inject(PictureCookie);
    await settled();
  });

  afterEach(() => {
    localStorage.clear();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  async function settled(ms = 0): Promise<void> {
    TestBed.tick();
    await vi.advanceTimersByTimeAsync(ms);
    TestBed.tick();
    await vi.advanceTimersByTimeAsync(0);
  }

  /** As a machine that was closed: its clock goes on, and no timer of it has run. */
  function sleep(ms: number): void {
    now = Date.now() + ms;
    vi.setSystemTime(now);
  }

  const asked = (what = OPENED): number => stack.requests.filter((one) => one === what).length;

  it('is asked for with the token of who signed in', () => {
    expect(asked()).toBe(1);
    expect(cookie.times()).toBe(1);
  });

  it('is asked for again with every new token, and before it runs out', async () => {
    await settled(HOUR * 0.7);
    expect(asked()).toBe(1);
    await settled(HOUR * 0.1);
    expect(asked()).toBe(2);

    await TestBed.inject(Session).renewAfter(TestBed.inject(Session).accessToken());
    await settled();

    expect(asked()).toBe(3);
    expect(cookie.times()).toBe(3);
  });

  it('is asked for again when a picture fails after a sleep, and not when one fails at once', async () => {
    cookie.onFailed();
    await settled();
    expect(asked()).toBe(1);

    sleep(HOUR / 2);
    cookie.onFailed();
    cookie.onFailed();
    await settled();

    expect(asked()).toBe(2);
    expect(cookie.times()).toBe(2);
  });

  it('is asked for until the stack answers', async () => {
    sleep(HOUR / 2);
    stack.unanswered.add(OPENED);
    cookie.onFailed();
    await settled();
    expect(cookie.times()).toBe(1);

    stack.unanswered.clear();
    await settled(1_500);

    expect(cookie.times()).toBe(2);
  });

  it('is given back with the token that was the session’s when somebody signs out', async () => {
    vi.stubGlobal('location', { origin: 'https://page.example', assign: vi.fn() });
    await TestBed.inject(Session).signOut();
    await settled();

    expect(asked('DELETE /api/session')).toBe(1);
    expect(stack.closedWith).toMatch(/^Bearer access-/);
    expect(cookie.times()).toBe(0);
  });

  it('is given back once more if its answer may have come after that', async () => {
    vi.stubGlobal('location', { origin: 'https://page.example', assign: vi.fn() });
    sleep(HOUR / 2);
    cookie.onFailed();
    const leaving = TestBed.inject(Session).signOut();
    TestBed.tick();
    await leaving;
    await settled();

    expect(asked('DELETE /api/session')).toBe(2);
    expect(cookie.times()).toBe(0);
  });

  it('is not asked for where everybody may come in', async () => {
    TestBed.resetTestingModule();
    stack = await runningStack();
    await TestBed.inject(Session).begin();
    TestBed.inject(PictureCookie);
    await settled();

    expect(stack.requests).toEqual([]);
  });
});
