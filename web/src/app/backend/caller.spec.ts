import { TestBed } from '@angular/core/testing';
import { runningStack, signedInStack } from '../state/sample-stack';
import { Caller } from './caller';

describe('who uses the page', () => {
  afterEach(() => {
    localStorage.clear();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it.each([
    ['read,upload', ['read', 'upload'], false],
    ['admin', ['read', 'upload', 'delete', 'admin'], false],
    ['', [], false],
  ])('may where all may: %j', async (anyone, scopes, seesAll) => {
    const stack = await runningStack({ anyone });
    const caller = TestBed.inject(Caller);
    TestBed.tick();

    expect(caller.me()).toMatchObject({ owner: 'public', scopes });
    expect(caller.seesAll()).toBe(seesAll);
    expect(stack.requests).toEqual([]);
  });

  it('may nothing until the API has said what', async () => {
    const me = { owner: 'ada', admin: true, scopes: ['read', 'admin'] } as const;
    await signedInStack({ me });
    const caller = TestBed.inject(Caller);
    expect(caller.may('read')).toBe(false);
    TestBed.tick();

    await vi.waitUntil(() => caller.me());
    expect(caller.may('read')).toBe(true);
    expect(caller.may('delete')).toBe(false);
    expect(caller.seesAll()).toBe(true);
  });

  it('is asked for again while the API is away', async () => {
    const stack = await signedInStack();
    vi.useFakeTimers();
    stack.unanswered.add('GET /api/me');
    const caller = TestBed.inject(Caller);
    TestBed.tick();
    await vi.advanceTimersByTimeAsync(500);
    stack.unanswered.clear();
    await vi.advanceTimersByTimeAsync(1_000);

    expect(caller.me()?.owner).toBe('ada');
  });
});
