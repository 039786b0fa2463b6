import { type Effect, type Event, INITIAL, type State, backOff, linkOf, step } from './live-state';

interface Run {
  readonly state: State;
  /** Of the last event. */
  readonly effects: readonly Effect[];
}

function after(...events: readonly Event[]): Run {
  return events.reduce<Run>((run, event) => step(run.state, event), {
    state: INITIAL,
    effects: [],
  });
}

const done = (run: Run): string[] =>
  run.effects.map((effect) =>
    effect.do === 'wait' ? `wait ${effect.for} ${effect.ms}` : effect.do,
  );
const LIVE: readonly Event[] = ['start', 'ready', 'read-done'];

describe('the live connection', () => {
  it('connects, subscribes, then reads, and is live only when that is done', () => {
    expect(done(after('start'))).toEqual(['open', 'wait late 4000']);
    expect(linkOf(after('start').state)).toBe('connecting');
    expect(done(after('start', 'ready'))).toEqual(['cancel', 'read']);
    expect(linkOf(after('start', 'ready').state)).toBe('connecting');
    expect(linkOf(after(...LIVE).state)).toBe('live');
  });

  it('polls at once when the socket drops, and says so', () => {
    const dropped = after(...LIVE, 'down');

    expect(linkOf(dropped.state)).toBe('polling');
    expect(done(dropped)).toEqual(['close', 'cancel', 'wait open 1000', 'poll']);
  });

  it('polls when the socket takes long to open for the first time', () => {
    const late = after('start', 'late-due');

    expect(linkOf(late.state)).toBe('polling');
    expect(done(late)).toEqual(['poll']);
    expect(linkOf(after('start', 'late-due', 'ready', 'read-done').state)).toBe('live');
  });

  it('waits longer after each poll that brings nothing, up to 15 seconds', () => {
    const quiet = (times: number): Event[] =>
      Array.from({ length: times }, () => ['poll-due', 'poll-brought-nothing'] as const).flat();
    const waits = [1, 2, 3, 4, 5, 6].map((times) => done(after(...LIVE, 'down', ...quiet(times))));

    expect(waits.flat()).toEqual([2, 4, 8, 15, 15, 15].map((s) => `wait poll ${s * 1000}`));
  });

  it('begins with short waits again after news, and after a pollSoon', () => {
    const quiet: readonly Event[] = ['poll-brought-nothing', 'poll-brought-nothing'];

    expect(done(after(...LIVE, 'down', ...quiet, 'poll-brought-news'))).toEqual(['wait poll 1000']);
    expect(done(after(...LIVE, 'down', ...quiet, 'pollSoon'))).toEqual(['wait poll 1000']);
  });

  it('is not put off by many of these', () => {
    const nudged = after(...LIVE, 'down', 'poll-brought-nothing', 'pollSoon', 'pollSoon');

    expect(done(nudged)).toEqual([]);
  });

  it('waits longer before each new attempt at the socket', () => {
    const failing = (times: number): Event[] =>
      Array.from({ length: times }, () => ['open-due', 'down'] as const).flat();
    const waits = [0, 1, 2, 3, 4, 5].map((times) =>
      after(...LIVE, 'down', ...failing(times)).effects.find((one) => one.do === 'wait'),
    );

    expect(waits.map((one) => (one?.do === 'wait' ? one.ms : 0))).toEqual([
      1000, 2000, 4000, 8000, 15000, 15000,
    ]);
  });

  it('goes on polling until everything was read after the socket came back', () => {
    const back = after(...LIVE, 'down', 'open-due', 'ready');

    expect(linkOf(back.state)).toBe('polling');
    expect(done(step(back.state, 'poll-due'))).toEqual(['poll']);
    const read = step(back.state, 'read-done');
    expect(linkOf(read.state)).toBe('live');
    expect(done(step(read.state, 'poll-brought-nothing'))).toEqual([]);
    expect(done(step(read.state, 'poll-due'))).toEqual([]);
  });

  it('tries to read again when that failed, and is not live before', () => {
    const failed = after('start', 'ready', 'read-failed');

    expect(linkOf(failed.state)).toBe('offline');
    expect(done(failed)).toEqual(['wait read 1000']);
    expect(done(step(failed.state, 'read-due'))).toEqual(['read']);
    expect(linkOf(step(failed.state, 'read-done').state)).toBe('live');
  });

  it('is offline when nothing answers, though the browser has a network', () => {
    const unanswered = after(...LIVE, 'down', 'poll-failed');

    expect(linkOf(unanswered.state)).toBe('offline');
    expect(linkOf(step(unanswered.state, 'poll-brought-nothing').state)).toBe('polling');
  });

  it('rests while there is no network, and starts with everything when it is back', () => {
    const offline = after(...LIVE, 'network-down');

    expect(linkOf(offline.state)).toBe('offline');
    expect(done(offline)).toEqual(['close', 'cancel']);
    expect(done(step(offline.state, 'open-due'))).toEqual([]);
    expect(done(step(offline.state, 'poll-due'))).toEqual([]);
    expect(done(step(offline.state, 'network-up'))).toEqual(['open', 'wait late 4000', 'poll']);
  });

  it('ignores what an old socket says', () => {
    expect(done(after(...LIVE, 'down', 'down'))).toEqual([]);
    expect(after(...LIVE, 'down', 'read-done').state.caughtUp).toBe(false);
  });

  it('reads when it is in doubt, and stays live', () => {
    const doubting = after(...LIVE, 'reconcile');

    expect(done(doubting)).toEqual(['read']);
    expect(linkOf(doubting.state)).toBe('live');
  });

  it('reads once more if the read after a doubt fails', () => {
    expect(done(after(...LIVE, 'reconcile', 'read-failed'))).toEqual(['wait read 1000']);
  });

  it('never waits less than a second or more than fifteen', () => {
    for (const tries of [0, 1, 4, 10, 1000]) {
      expect(backOff(tries)).toBeGreaterThanOrEqual(1_000);
      expect(backOff(tries)).toBeLessThanOrEqual(15_000);
    }
  });
});
